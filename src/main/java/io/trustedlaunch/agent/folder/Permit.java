package io.trustedlaunch.agent.folder;

/**
 * The right to one act on one VM's folder, after one look at what must hold. It ends with the step that asked for it: it is
 * neither stored nor passed on, since the next pass has to look again.
 */
public final class Permit implements AutoCloseable {
    /** The intended act on the folder. */
    public enum Act {
        /** Makes or grows disks, and opens them for a guest that is to start. */
        PREPARE,
        /** Writes the state that the incarnation begins with. */
        CLAIM,
        /** Lets the guest run for the first time. */
        RESUME,
        /** Lets a guest run that is here as a whole and has left its source. */
        TAKE_OVER,
        /** Lets a guest go on that has run here and was paused. */
        CONTINUE,
        /** Makes a disk for a guest that runs here. */
        ADD_DISK,
        /** Makes blank disks for a guest that is to arrive. */
        RECEIVE,
        /** Makes the copied disks of a guest that has arrived the VM's own, or removes them if it has not. */
        SETTLE,
        /** Removes all of the VM. */
        ERASE,
        /** Removes what a guest left that runs elsewhere, with all of its files. */
        CLEAR,
        /** Decides for the files of a backup in the place of the VM's. */
        RESTORE,
        /** Puts these in their places. */
        FINISH
    }

    private final VmFolder folder;
    private final Act act;
    private final Runnable ended;
    private boolean closed;

    /** @param ended called once, when the permit ends */
    Permit(VmFolder folder, Act act, Runnable ended) {
        this.folder = folder;
        this.act = act;
        this.ended = ended;
    }

    /**
     * The folder, to carry out one of these acts.
     *
     * @throws IllegalStateException if the permit is for another act, or was kept for later
     */
    public VmFolder folder(Act... acts) {
        if (closed) {
            throw new IllegalStateException("a permit for " + folder.path() + " is used after its step has ended");
        }
        for (Act allowed : acts) {
            if (allowed == act) {
                return folder;
            }
        }
        throw new IllegalStateException("a permit to " + act + " " + folder.path() + " is used for another act");
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            ended.run();
        }
    }

    @Override
    public String toString() {
        return "Permit[" + act + " " + folder.path() + "]";
    }
}
