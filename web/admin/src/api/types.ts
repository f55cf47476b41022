/** The desk's shapes under short names; all of them come from `/openapi.json`. */
export type {
  AccountRow,
  AuditLine,
  FileResult,
  PersonAnswer,
  RowStatus,
  SignInAnswer,
  TableView,
} from "../../../src/api/generated/types.gen";
