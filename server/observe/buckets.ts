// Upper bounds of the histograms' buckets, in seconds or commands. Without them OpenTelemetry's default applies, whose
// first bucket ends at 5: every duration in seconds would fall into it.

/** As the semantic conventions say for `http.server.request.duration`. */
export const REQUEST_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** An append on the machine itself is done in a millisecond or two. */
export const APPEND_S = [0.0005, 0.001, 0.0025, ...REQUEST_S];
/** From a change to its acknowledgement, through maintenance windows of hours. */
export const LAG_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400];
/** The same from the till on, which may have been offline for a day. */
export const PROPAGATION_S = [...LAG_S, 43_200, 86_400];
export const COMMANDS = [1, 2, 5, 10, 25, 50, 100, 250];
