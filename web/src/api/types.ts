/** The API's shapes under short names. Nothing is spelt out here: all of it comes from `/openapi.json`. */
import type { components, operations } from "./schema";

type Schemas = components["schemas"];

export type AuthInfo = Schemas["AuthInfo"];
export type Area = Schemas["Area"];
export type ChannelState = Schemas["ChannelState"];
export type ContactInfo = Schemas["ContactInfo"];
export type EditData = Schemas["EditData"];
export type FeedView = Schemas["FeedView"];
export type FollowItem = Schemas["FollowItem"];
export type Item = Schemas["Item"];
export type ListedFeed = Schemas["ListedFeed"];
export type LoginSession = Schemas["SessionView"];
export type NoticesAnswer = Schemas["NoticesAnswer"];
export type NoticesForm = Schemas["NoticesForm"];
export type Occupation = Schemas["OccupationView"];
export type Preview = Schemas["PreviewAnswer"];
export type Profile = Schemas["Profile"];
export type Reason = Schemas["ReasonView"];
export type Resume = Schemas["ResumeView"];
export type Statistics = Schemas["StatisticsView"];
export type SubmittedFeed = Schemas["SubmittedFeed"];
export type Tier = NonNullable<ListQuery["tier"]>;
export type Breadth = FeedView["breadth"];
export type Understood = Schemas["UnderstoodView"];
export type WechatWay = Schemas["WayView"];
export type Work = Schemas["WorkView"];
export type ListQuery = NonNullable<operations["get_special_feed_feed_list_feed_id"]["parameters"]["query"]>;
export type FollowQuery = NonNullable<operations["get_resume_follow_list"]["parameters"]["query"]>;
export type FollowField = NonNullable<FollowQuery["search_fields"]>;
export type StatisticsDays = NonNullable<
  NonNullable<operations["get_special_feed_statistics_feed_id"]["parameters"]["query"]>["days"]
>;
