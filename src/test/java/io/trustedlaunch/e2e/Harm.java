package io.trustedlaunch.e2e;

import io.trustedlaunch.failpoint.Failpoint;

/** What goes wrong during a move. All of it is over by itself, or when the move is. */
sealed interface Harm {
    /** Seconds for which two hosts do not hear each other, and either could do without the other. */
    default int silence() {
        return 0;
    }

    /** Does not end by itself: all must be well without that, save for what one host has to tell the other. */
    default boolean lasts() {
        return false;
    }

    enum Side {
        SOURCE,
        TARGET
    }

    /** An agent or the operator dies where a point stands, and is started again. */
    record DiesAt(Failpoint point) implements Harm {}

    record AgentDies(Side side, MovePhase phase) implements Harm {}

    record OperatorDies(MovePhase phase) implements Harm {}

    /** Started again three seconds later. */
    record LibvirtdDies(Side side, MovePhase phase) implements Harm {}

    /** Between the two hosts; both reach the API server. */
    record LinkIsCut(MovePhase phase, int seconds) implements Harm {
        @Override
        public int silence() {
            return seconds;
        }
    }

    /** Until the move has ended, and its guest goes on. */
    record LinkIsCutForGood(MovePhase phase) implements Harm {
        @Override
        public boolean lasts() {
            return true;
        }
    }

    /** It hears nothing of the other any more, which still hears it. */
    record HostIsDeaf(Side side, MovePhase phase, int seconds) implements Harm {
        @Override
        public int silence() {
            return seconds;
        }
    }

    /** QEMU cannot show there who it is. */
    record TargetHasNoCertificate() implements Harm {}

    /** QEMU gets less memory there than its guest has. */
    record TargetHasNoMemory() implements Harm {}

    /** There is no room for the TPM's state there. */
    record TargetHasNoDisk() implements Harm {}

    /** From all others. */
    record HostIsCutOff(Side side, MovePhase phase, int seconds) implements Harm {
        @Override
        public int silence() {
            return mayHoldUpTheWord() ? 0 : seconds;
        }

        /** The guest may have left by then, and goes on where it is once the source can say so there: decision 15. */
        private boolean mayHoldUpTheWord() {
            return phase == MovePhase.FINISH;
        }
    }
}
