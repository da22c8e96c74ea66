package io.trustedlaunch.operator.console;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.controller.EventDraft;
import java.util.List;
import java.util.Optional;

/** The event of a console that opens. Agents cannot write events, and say in the audit log when a client connects. */
final class ConsoleEvents {
    private ConsoleEvents() {}

    static List<EventDraft> of(VMConsole console, VMConsoleStatus after) {
        boolean opens = isOpen(Optional.of(after)) && !isOpen(console.status());
        return opens
                ? List.of(EventDraft.normal(
                        Reason.ConsoleOpen,
                        what(console) + " of VM " + console.getSpec().vmRef().name() + " is open on node "
                                + after.nodeName() + " for " + console.getSpec().requestedBy()))
                : List.of();
    }

    private static String what(VMConsole console) {
        return switch (console.getSpec().kind()) {
            case Serial -> "the serial console";
            case Screen -> "the screen";
        };
    }

    private static boolean isOpen(Optional<VMConsoleStatus> status) {
        return status.flatMap(known -> Conditions.find(known.conditions(), ConditionType.Open))
                .filter(open -> open.getStatus().equals(State.True.name()))
                .isPresent();
    }
}
