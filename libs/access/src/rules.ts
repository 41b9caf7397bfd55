import { type AccessRule, projectIn, projectOrAnyIn, studyIn, trialIn } from "./rule.ts";

const optimizer = "superbatch.optimizer.v1.OptimizerService";
const surrogate = "superbatch.surrogate.v1.SurrogateService";
const sampler = "superbatch.sampler.v1.SamplerService";
const trainer = "superbatch.trainer.v1.TrainerService";
const katib = "api.v1.beta1.Suggestion";

const read = { role: "reader", audited: false } as const;
const train = { role: "trainer", audited: true } as const;
/** As often as every second for each trial: its end is audited. */
const beat = { role: "trainer", audited: false } as const;
const own = { role: "owner", audited: true } as const;

/** An empty lease id is a user's order, not the report of the trainer that holds the trial. */
const failTrial: AccessRule = {
  role: (request) => ((request as { leaseId?: string }).leaseId ? "trainer" : "owner"),
  resource: trialIn("trial"),
  audited: true,
};

/** Every call of every service: least role, where the project is named, whether it is audited. A test holds that none is missing. */
export const accessRules: ReadonlyMap<string, AccessRule> = new Map<string, AccessRule>([
  [`${optimizer}/CreateStudy`, { ...own, resource: projectIn("parent") }],
  [`${optimizer}/GetStudy`, { ...read, resource: studyIn("name") }],
  [`${optimizer}/ListStudies`, { ...read, resource: projectOrAnyIn("parent") }],
  [`${optimizer}/UpdateStudy`, { ...own, resource: studyIn("name") }],
  [`${optimizer}/DeleteStudy`, { ...own, resource: studyIn("name") }],
  [`${optimizer}/ExportStudy`, { ...read, resource: studyIn("name") }],
  [`${optimizer}/ImportStudy`, { ...own, resource: studyIn("name") }],
  [`${optimizer}/LeaseTrials`, { ...train, resource: studyIn("study") }],
  [`${optimizer}/ReportProgress`, { ...beat, resource: trialIn("trial") }],
  [`${optimizer}/CompleteTrial`, { ...train, resource: trialIn("trial") }],
  [`${optimizer}/FailTrial`, failTrial],
  [`${optimizer}/AddTrials`, { ...own, resource: studyIn("study") }],
  [`${optimizer}/GetTrial`, { ...read, resource: trialIn("name") }],
  [`${optimizer}/UpdateTrial`, { ...own, resource: trialIn("name") }],
  [`${optimizer}/ListTrials`, { ...read, resource: studyIn("study") }],
  [`${optimizer}/WatchStudy`, { ...read, resource: studyIn("study") }],
  [`${optimizer}/GetRecommendation`, { ...read, resource: studyIn("study") }],
  [`${optimizer}/QueryPosterior`, { ...read, resource: studyIn("study") }],

  // A pure function: nothing of it belongs to a project, and a model's handle is known only to who fitted it.
  [`${surrogate}/Describe`, read],
  [`${surrogate}/Fit`, beat],
  [`${surrogate}/Posterior`, beat],
  [`${surrogate}/Release`, beat],

  // Sessions belong to the principal that opened them.
  [`${sampler}/OpenSession`, train],
  [`${sampler}/Sample`, train],
  [`${sampler}/GetSession`, beat],
  [`${sampler}/CloseSession`, train],

  [`${trainer}/Describe`, read],
  [`${trainer}/Train`, train],

  // The adapter makes studies and ends trials for whoever may ask it, in the project that it is configured for.
  [`${katib}/GetSuggestions`, own],
  [`${katib}/ValidateAlgorithmSettings`, read],

  ["grpc.reflection.v1.ServerReflection/ServerReflectionInfo", read],
  ["grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", read],
]);

/** Calls that need no token: probes have none. */
export const openCalls: ReadonlySet<string> = new Set(["grpc.health.v1.Health/Check", "grpc.health.v1.Health/Watch"]);
