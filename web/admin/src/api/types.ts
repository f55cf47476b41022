/** The desk's shapes under short names; all of them come from `/openapi.json`. */
import type { components } from "../../../src/api/schema";

type Schemas = components["schemas"];

export type FileResult = Schemas["FileResult"];
export type TableView = Schemas["TableView"];
export type AccountView = Schemas["AccountView"];
export type AuditLine = Schemas["AuditLine"];
