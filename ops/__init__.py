"""What operators run around the servers, and what watches them.

Nothing here is imported by a server. Commands on stored data are in `commands`, the configuration of nginx in
`config/nginx.conf`, that of supervisor in `supervisord.conf`.
"""
