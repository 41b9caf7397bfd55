// The program of a worker thread: fits, keeps and evaluates models.
import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import { createRng } from "@superbatch/random";
import { encodePosterior } from "./encode-posterior.ts";
import type { FittedModel } from "./models/fitted-model.ts";
import { fitModel } from "./models/index.ts";
import type { AppendTask, Task, TaskAnswer, TaskMessage, TaskResults } from "./task.ts";

const port = parentPort!;
const models = new Map<string, FittedModel>();
/** Long tasks that arrived while another one ran, in order. */
const waiting: TaskMessage[] = [];
let busy = false;

port.on("message", (message: TaskMessage) => {
  receive(message);
  for (let next = waiting.shift(); next; next = waiting.shift()) run(next);
});

function receive(message: TaskMessage): void {
  if (busy && isLong(message.task)) waiting.push(message);
  else run(message);
}

function isLong({ kind }: Task): boolean {
  return kind === "fit" || kind === "leave-one-out";
}

/** While a long task runs, all but other long ones is answered between two of its checkpoints: posteriors do not wait for a fit. */
function answerOthers(): void {
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) receive(next.message);
}

function run({ id, task, stop }: TaskMessage): void {
  const throwIfStopped = () => {
    if (Atomics.load(stop, 0) !== 0) throw new DOMException("the result is no longer wanted", "AbortError");
  };
  try {
    throwIfStopped();
    const result = perform(task, throwIfStopped);
    // Bytes are moved to the other thread; what is small is copied.
    const moved = result instanceof Uint8Array ? [result.buffer as ArrayBuffer] : [];
    port.postMessage({ id, result } satisfies TaskAnswer, moved);
  } catch (reason) {
    const { name, message } = reason as Error;
    port.postMessage({ id, error: { name, message } } satisfies TaskAnswer);
  }
}

function perform(task: Task, throwIfStopped: () => void): TaskResults[Task["kind"]] {
  switch (task.kind) {
    case "fit":
      return alone(throwIfStopped, (checkpoint) =>
        keep(task.model, fitModel[task.modelKind](task, createRng(task.seed), checkpoint)),
      );
    case "leave-one-out":
      return alone(throwIfStopped, (checkpoint) => kept(task.model).leaveOneOut?.(checkpoint));
    case "append":
      return keep(task.model, appended(kept(task.previous), task, throwIfStopped));
    case "posterior":
      return encodePosterior(kept(task.model).posterior(task.anchors, task.points, throwIfStopped));
    case "drop":
      models.delete(task.model);
      return undefined;
  }
}

/** Performs a long task: while it runs, others wait. */
function alone<Result>(throwIfStopped: () => void, perform: (checkpoint: () => void) => Result): Result {
  busy = true;
  try {
    return perform(() => {
      answerOthers();
      throwIfStopped();
    });
  } finally {
    busy = false;
  }
}

function keep(name: string, model: FittedModel) {
  models.set(name, model);
  return model.summary;
}

function appended(previous: FittedModel, { x, y }: AppendTask, checkpoint: () => void): FittedModel {
  if (!previous.append) throw new RangeError("this kind of model takes no further observations");
  return previous.append(x, y, checkpoint);
}

function kept(name: string): FittedModel {
  const model = models.get(name);
  if (!model) throw new RangeError(`this thread has no model ${name}`);
  return model;
}
