/** The desk's shapes under short names; all of them come from `/openapi.json`. */
export type {
  AccountRow,
  AuditLine,
  FileResult,
  JobsView,
  PersonAnswer,
  SignInAnswer,
  TableCounts,
  TableRow,
  TableView,
} from "../../../src/api/generated/types.gen";
