package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.StopReason;

/** Converts libvirt's numbers (virDomainState, virDomainPausedReason, virDomainShutoffReason). */
final class DomainStates {
    private DomainStates() {}

    static DomainState of(int state, int reason) {
        return switch (state) {
            // 2 is "blocked", Xen's state of a guest that waits.
            case 1, 2 -> new DomainState.Running();
            case 3 -> new DomainState.Paused(pauseReason(reason));
            case 4 -> new DomainState.ShuttingDown();
            case 5 -> new DomainState.ShutOff(stopReason(reason));
            case 6 -> new DomainState.Crashed();
            case 7 -> new DomainState.Paused(PauseReason.OTHER); // suspended by the guest
            // Unknown to this version: the domain exists and may be executing.
            default -> new DomainState.Running();
        };
    }

    private static PauseReason pauseReason(int reason) {
        return switch (reason) {
            case 1 -> PauseReason.REQUESTED;
            case 2, 12, 13 -> PauseReason.MIGRATION; // 12, 13: post-copy, and a failed one
            case 5 -> PauseReason.IO_ERROR;
            case 10 -> PauseReason.CRASHED;
            case 11 -> PauseReason.STARTING;
            default -> PauseReason.OTHER;
        };
    }

    private static StopReason stopReason(int reason) {
        return switch (reason) {
            case 1 -> StopReason.GUEST_SHUTDOWN;
            case 2 -> StopReason.DESTROYED;
            case 3 -> StopReason.CRASHED;
            case 4 -> StopReason.MIGRATED;
            case 6 -> StopReason.FAILED;
            default -> StopReason.UNKNOWN;
        };
    }
}
