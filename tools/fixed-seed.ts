import fc from "fast-check";

/** Property tests draw the same cases in each run, so that a red run can be repeated; FAST_CHECK_SEED=… looks for others. */
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 20260101) });
