/**
 * Preloaded into every process that the launcher starts. If the launcher dies, however it dies, the channel to it closes, and the process
 * ends as if it had been told to: no service is left behind holding a port or the store.
 */
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
// The channel alone must not keep a finished process alive.
process.channel?.unref();
