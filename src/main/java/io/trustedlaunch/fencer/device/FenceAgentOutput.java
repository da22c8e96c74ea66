package io.trustedlaunch.fencer.device;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.process.Command;
import java.util.stream.Collectors;

/** Translates the outcome of a fence agent. */
final class FenceAgentOutput {
    private static final int LONGEST_MESSAGE = 400;

    private FenceAgentOutput() {}

    /**
     * Reads exit code and text: an agent ends with 2 if the machine is off, and also if it does not understand its options.
     *
     * @throws FenceException if it says neither
     */
    static Power power(FenceTarget target, Command.Result ended) throws FenceException {
        boolean on = ended.output().lines().anyMatch("Status: ON"::equals);
        boolean off = ended.output().lines().anyMatch("Status: OFF"::equals);
        if (ended.exitCode() == 0 && on && !off) {
            return Power.On;
        }
        if (ended.exitCode() == 2 && off && !on) {
            return Power.Off;
        }
        throw failure(target, "status", ended);
    }

    static FenceException failure(FenceTarget target, String action, Command.Result ended) {
        String said = ended.timedOut() ? "did not end in time" : "ended with " + ended.exitCode();
        String output = essence(target, ended.output());
        return new FenceException(
                Reason.FenceDeviceUnreachable,
                target.agent() + " for " + target.address() + ": " + action + " " + said
                        + (output.isEmpty() ? "" : ", " + output)
                        + ": check the controller, its network, and the Secret");
    }

    /** The lines that name the cause, without times. No agent prints a password; should one, it ends here. */
    private static String essence(FenceTarget target, String output) {
        String text = output.lines()
                .map(line -> line.replaceFirst("^[-0-9]{10} [0-9:,]{8,12} ", "").strip())
                .filter(line -> !line.isEmpty() && !line.endsWith("Please use '-h' for usage"))
                .collect(Collectors.joining("; "))
                .replace(target.password(), "…");
        return text.length() <= LONGEST_MESSAGE ? text : "…" + text.substring(text.length() - LONGEST_MESSAGE);
    }
}
