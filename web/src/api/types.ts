/** The API's shapes under short names. Nothing is spelt out here: all of it comes from `/openapi.json`. */
import type {
  FeedView,
  GetResumeFollowListData,
  GetSpecialFeedFeedListFeedIdData,
  GetSpecialFeedStatisticsFeedIdData,
} from "./generated/types.gen";

export type {
  Area,
  AuditView,
  AuthInfo,
  ChannelState,
  CommentChange,
  CompanyData as Company,
  ContactInfo,
  EditData,
  FeedView,
  FollowItem,
  InvitationView as Invitation,
  Item,
  ListedFeed,
  MarkChange,
  MarkedItem,
  MemberName,
  MemberView as Member,
  NewInterview,
  NoticesAnswer,
  NoticesForm,
  OccupationView as Occupation,
  PostingAnswer,
  PreviewAnswer as Preview,
  Profile,
  ReasonView as Reason,
  ResumeView as Resume,
  SessionView as LoginSession,
  StatisticsView as Statistics,
  SubmittedFeed,
  UnderstoodView as Understood,
  WayView as WechatWay,
  WorkAnswer as TeamWork,
  WorkView as Work,
} from "./generated/types.gen";

export type Breadth = FeedView["breadth"];
export type Requirements = FeedView["requirements"];
export type ListQuery = NonNullable<GetSpecialFeedFeedListFeedIdData["query"]>;
export type Tier = NonNullable<ListQuery["tier"]>;
export type FollowQuery = NonNullable<GetResumeFollowListData["query"]>;
export type FollowField = NonNullable<FollowQuery["search_fields"]>;
export type StatisticsDays = NonNullable<NonNullable<GetSpecialFeedStatisticsFeedIdData["query"]>["days"]>;
