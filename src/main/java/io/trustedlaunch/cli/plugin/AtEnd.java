package io.trustedlaunch.cli.plugin;

/** Runs once: at the end of its block, or when the process is told to end before that, as by Ctrl+C. */
final class AtEnd implements AutoCloseable {
    private final Runnable work;
    private final Thread shutdownHook;

    /** @param work may run while other threads go on */
    AtEnd(Runnable work) {
        this.work = work;
        this.shutdownHook = new Thread(work);
        Runtime.getRuntime().addShutdownHook(shutdownHook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException e) {
            // The process ends, and the hook runs.
            return;
        }
        work.run();
    }
}
