package io.trustedlaunch.e2e;

import io.trustedlaunch.failpoint.Failpoint;

/** A fault injected into a migration. It ends by itself or when the migration ends. */
sealed interface Fault {
    /** Seconds for which the two hosts cannot reach each other although either could go on alone. */
    default int silenceSeconds() {
        return 0;
    }

    /** Whether it lasts until the test ends it: the guest must run before that, but the cleanup may wait for it. */
    default boolean isPermanent() {
        return false;
    }

    enum Side {
        SOURCE,
        TARGET
    }

    /** An agent or the operator dies at a failpoint and is restarted. */
    record DiesAt(Failpoint point) implements Fault {}

    record AgentDies(Side side, MigrationPhase phase) implements Fault {}

    record OperatorDies(MigrationPhase phase) implements Fault {}

    /** It is restarted three seconds later. */
    record LibvirtdDies(Side side, MigrationPhase phase) implements Fault {}

    /** The link between the two hosts; both still reach the API server. */
    record LinkIsCut(MigrationPhase phase, int seconds) implements Fault {
        @Override
        public int silenceSeconds() {
            return seconds;
        }
    }

    /** Until the migration has ended and the guest runs. */
    record LinkIsCutPermanently(MigrationPhase phase) implements Fault {
        @Override
        public boolean isPermanent() {
            return true;
        }
    }

    /** The host receives nothing from the other one, which still receives from it. */
    record HostIsDeaf(Side side, MigrationPhase phase, int seconds) implements Fault {
        @Override
        public int silenceSeconds() {
            return seconds;
        }
    }

    /** QEMU on the target has no certificate to present. */
    record TargetHasNoCertificate() implements Fault {}

    /** QEMU on the target gets less memory than the guest has. */
    record TargetHasNoMemory() implements Fault {}

    /** The target has no space for the TPM's state. */
    record TargetHasNoDisk() implements Fault {}

    /** The host reaches no other host and no API server. */
    record HostIsCutOff(Side side, MigrationPhase phase, int seconds) implements Fault {
        @Override
        public int silenceSeconds() {
            return mayDelayTheOutcome() ? 0 : seconds;
        }

        /** The guest may have left by then; it runs on the target only after the source has told the target: decision 15. */
        private boolean mayDelayTheOutcome() {
            return phase == MigrationPhase.FINISH;
        }
    }
}
