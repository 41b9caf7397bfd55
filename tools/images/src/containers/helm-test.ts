import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../bundle.ts";
import { startContainer } from "./container.ts";
import type { Image } from "./image.ts";
import type { Network } from "./network.ts";

/** As the chart has it. */
interface TestPod {
  readonly spec: {
    readonly containers: readonly { readonly command: readonly string[]; readonly args: readonly string[] }[];
  };
}

let runs = 0;

/** Runs the pod of `helm test`, but in a container of the network. @returns its exit status and what it wrote */
export async function helmTest(
  image: Image,
  network: Network,
  folder: string,
): Promise<{ status: number; output: string }> {
  const rendered = execFileSync(
    join(root, ".superbatch/kubernetes/helm"),
    [
      "template",
      "superbatch",
      "deploy/helm/superbatch",
      "--namespace",
      "superbatch",
      "--values",
      "tools/kubernetes/values/trial-run.yaml",
    ].concat("--show-only", "templates/tests/health.yaml"),
    { cwd: root, encoding: "utf8" },
  );
  const { command, args } = (parse(rendered) as TestPod).spec.containers[0]!;
  const pod = startContainer({
    name: `helm-test-${++runs}`,
    image,
    entrypoint: command,
    args,
    env: {},
    tmpfs: ["/tmp"],
    mounts: [],
    network,
    folder,
  });
  return { status: await pod.ended, output: pod.log() };
}

/** The name under which the chart's programs find a service. */
export const chartName = (service: string): string => `superbatch-${service}.superbatch.svc`;
