package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/** Migrations of guests between this host and others. Nothing here outlives the process. */
public interface Migrations {
    /** Starts to migrate the guest away and returns. Does nothing while the VM's migration is under way. */
    void begin(Migration migration, MigrationOptions options);

    /** Whether this process is migrating a guest to that address. */
    boolean isUnderwayTo(String address);

    /** The course of the guest's migration to that incarnation, as this process knows it. */
    Course course(UUID vm, long epoch);

    /**
     * Sends the files of the guest's home to the other agent. Returns when that agent has them on its disk.
     *
     * @throws IOException if the agent did not confirm it
     */
    void sendHome(Migration migration, List<HomeFile> files) throws IOException;

    /**
     * Reports to the other agent that the guest has left for good. Returns when that agent has it on its disk.
     *
     * @throws IOException if the agent did not confirm it
     */
    void reportLeft(Migration migration) throws IOException;

    /**
     * Asks the other agent whether it has resumed the guest, so that nothing needs to be kept here.
     *
     * @throws IOException if the agent did not confirm it
     */
    void confirmTaken(Migration migration) throws IOException;

    /**
     * Closes the guest's tunnel to the other host's hypervisor, so that this one gives up whatever it waits for. Having
     * none is success.
     */
    void abortOutgoing(UUID vm);

    /** Closes the VM's connections from other hosts to this host's hypervisor. */
    void abortIncoming(UUID vm);

    /** The course of a migration. It does not say what became of the guest: the domain does. */
    sealed interface Course {
        /** This process did not start it. */
        record Unknown() implements Course {}

        record Underway() implements Course {}

        /** The hypervisor reports that the domain has left. */
        record Gone() implements Course {}

        record Failed(String message) implements Course {}
    }
}
