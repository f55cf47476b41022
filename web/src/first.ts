/** Runs before the page's other scripts are here: the smallest of them. */
import { askEarly } from "./early";

askEarly();
