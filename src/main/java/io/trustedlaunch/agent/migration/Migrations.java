package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/** Moves of guests between this host and others. Nothing of it outlives the process. */
public interface Migrations {
    /** Begins to move the guest away, and returns; its end is news of the VM. Called again while it is under way: nothing. */
    void begin(Migration move, MigrationOptions manner);

    /** Whether a guest that this process moves goes to that address just now. */
    boolean isUnderwayTo(String address);

    /** What this process knows of the guest's way to that life. */
    Course course(UUID vm, long epoch);

    /**
     * Brings the other agent what the guest's home has. Returns when that agent has it on its disk.
     *
     * @throws IOException if it did not say so
     */
    void giveHome(Migration move, List<HomeFile> files) throws IOException;

    /**
     * Tells the other agent that the guest has left for good. Returns when that agent has it on its disk.
     *
     * @throws IOException if it did not say so
     */
    void tellLeft(Migration move) throws IOException;

    /**
     * Cuts the way of the guest to the other host's hypervisor: this one gives up then, whatever it waits for. Nothing to
     * cut is success.
     */
    void cutWay(UUID vm);

    /** Cuts whatever way there is from another host to this host's hypervisor for the VM. */
    void cutOff(UUID vm);

    /** How a move goes. What became of the guest is not in it: its domain says that. */
    sealed interface Course {
        /** This process did not begin it. */
        record Unknown() implements Course {}

        record Underway() implements Course {}

        /** The hypervisor says that the domain has gone there. */
        record Gone() implements Course {}

        record Failed(String why) implements Course {}
    }
}
