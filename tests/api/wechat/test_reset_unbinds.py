"""Who is unbound by a reset of the password by letter: all who came before the address was proved."""

import uuid

from bson import ObjectId

from mail.links import Links
from tests.api.wechat_scene import bind, login, newcomer, somebody, ways
from tests.support import PASSWORD, SECRET, Hr

LINKS = Links(SECRET, "")
NOTICES = "/hr/notices/"


async def reset(server, hr, password=PASSWORD):
    """Set a new password by a link as it comes by letter, and log in with it: as whoever has the mailbox."""
    epoch = (await server.stores.accounts.get(hr.user)).epoch
    token = LINKS.make_reset(hr.user, epoch).partition("=")[2]
    answer = await hr.post(f"/hr/password/reset/{token}/", {"password": password})
    assert answer.status == "ok"
    back = await hr.post("/hr/login/", {"username": hr.email, "password": password})
    return answer["msg"], Hr.logged_in(hr.port, hr.email, back["auth_info"])


async def prove(hr):
    """Follow the link of an activation letter."""
    assert (await hr.post(LINKS.make(hr.user))).status == "ok"


async def robot_of(hr):
    (robot,) = [one for one in (await hr.get(NOTICES))["channels"] if one["kind"] == "robot"]
    return robot["state"]


async def test_whoever_registered_somebody_elses_address_is_out_once_its_owner_resets_the_password(
    api, server, wechat
):
    theirs, other = somebody(), somebody()
    thief = await newcomer(api, wechat, theirs, password=PASSWORD)
    assert (await bind(thief, wechat.code(other), "mp")).status == "ok"
    await thief.post(NOTICES, {"robot_key": str(uuid.uuid4())})
    assert await robot_of(thief) == "ok"
    msg, owner = await reset(server, thief)
    assert msg == "密码已重置，以前绑定的微信已解除绑定，请登录"
    assert await ways(owner) == (True, [])
    assert await robot_of(owner) == "off"
    assert (await thief.get("/special_feed/page/")).http == 401
    assert (await login(api, wechat.code(theirs))).status == "not_bound"
    assert (await login(api, wechat.code(other), "mp")).status == "not_bound"
    claims = await server.stores._database.identities.find({"user": ObjectId(owner.user)}).to_list(None)
    assert claims == []
    # The person is free, and the account takes the owner's.
    assert (await newcomer(api, wechat, theirs)).user != owner.user
    mine = somebody()
    assert (await bind(owner, wechat.code(mine))).status == "ok"
    assert (await login(api, wechat.code(mine)))["auth_info"]["user"] == owner.user
    await owner.post(NOTICES, {"robot_key": str(uuid.uuid4())})
    # By now the address is proved: what its owner bound stays at the next reset.
    msg, owner = await reset(server, owner)
    assert msg == "密码已重置，请登录"
    assert await ways(owner) == (True, ["mini"])
    assert await robot_of(owner) == "ok"


async def test_what_was_bound_after_the_address_was_proved_by_its_activation_stays(api, server, wechat, hr):
    openid = somebody()
    await prove(hr)
    assert (await bind(hr, wechat.code(openid))).status == "ok"
    _, owner = await reset(server, hr)
    assert await ways(owner) == (True, ["mini"])
    assert (await login(api, wechat.code(openid)))["auth_info"]["user"] == owner.user


async def test_what_was_bound_before_the_activation_goes_and_what_came_after_stays(api, server, wechat):
    thief = await newcomer(api, wechat, somebody())
    await prove(thief)
    later = somebody()
    assert (await bind(thief, wechat.code(later), "mp")).status == "ok"
    # An activation that is pressed again proves nothing anew.
    await prove(thief)
    _, owner = await reset(server, thief)
    assert await ways(owner) == (True, ["mp"])


async def test_a_change_by_the_old_password_and_an_operators_activation_prove_nothing(server, wechat, hr):
    await server.stores.accounts.activate(hr.email)
    openid = somebody()
    await bind(hr, wechat.code(openid))
    changed = await hr.post("/hr/password/", {"old_password": PASSWORD, "password": "another good one"})
    assert changed.status == "ok"
    assert await ways(hr) == (True, ["mini"])
    _, owner = await reset(server, hr)
    assert await ways(owner) == (True, [])


async def test_a_network_that_logged_in_before_is_not_known_for_the_owners(server, hr):
    """That of the reset is."""
    (before,) = (await server.stores.accounts.get(hr.user)).known
    epoch = (await server.stores.accounts.get(hr.user)).epoch
    token = LINKS.make_reset(hr.user, epoch).partition("=")[2]
    url, elsewhere = f"/hr/password/reset/{token}/", {"X-Real-Ip": "203.0.113.9"}
    assert (await hr.call("POST", url, form={"password": PASSWORD}, headers=elsewhere)).status == "ok"
    (after,) = (await server.stores.accounts.get(hr.user)).known
    assert after != before


async def test_a_binding_under_way_at_the_reset_binds_nobody(api, server, wechat, hr, monkeypatch):
    """The session is good when the request comes in, and is over before the account is written."""
    sessions, openid = server.stores.sessions, somebody()
    epoch_of = sessions.epoch_of

    async def and_then_a_reset(token):
        epoch = await epoch_of(token)
        monkeypatch.setattr(sessions, "epoch_of", epoch_of)
        await reset(server, hr)
        return epoch

    monkeypatch.setattr(sessions, "epoch_of", and_then_a_reset)
    answer = await bind(hr, wechat.code(openid))
    assert (answer.http, answer.status) == (401, "auth_error")
    assert (await login(api, wechat.code(openid))).status == "not_bound"
    assert (await bind(hr, wechat.code(openid))).http == 401
