package io.trustedlaunch.agent.console;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.session.Session;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleStatus;
import io.trustedlaunch.audit.Act;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.audit.AuditedObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * A client that the console server admits, and the guest whose console it gets.
 *
 * @param object the VMConsole
 * @param requestedBy name of the user who created it
 * @param clientKey fingerprint of the only key that is admitted
 * @param kind what of the guest it gets
 * @param epoch the guest's incarnation
 * @param createdAt by the API server's clock
 */
@RecordBuilder
public record ConsoleSession(
        AuditedObject object,
        String requestedBy,
        String clientKey,
        UUID vm,
        ConsoleKind kind,
        String node,
        long epoch,
        Instant createdAt,
        Instant expiresAt)
        implements Session {

    /**
     * Empty if the status names another node, is incomplete, or is not of the console's own VM: who may write a status could
     * otherwise name any guest.
     *
     * @param incarnations the latest on this node of each VM, by its identity
     */
    public static Optional<ConsoleSession> of(
            VMConsole console, String nodeName, Function<UUID, Optional<VMIncarnation>> incarnations) {
        VMConsoleStatus status = console.getStatus();
        if (status == null || !nodeName.equals(status.nodeName()) || console.isMarkedForDeletion()) {
            return Optional.empty();
        }
        try {
            UUID vm = UUID.fromString(status.vmUID());
            return incarnations
                    .apply(vm)
                    .map(VMIncarnation::getSpec)
                    .filter(incarnation -> isOf(console, nodeName, incarnation))
                    .map(incarnation -> of(console, vm, incarnation));
        } catch (IllegalArgumentException | NullPointerException | DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static boolean isOf(VMConsole console, String nodeName, VMIncarnationSpec incarnation) {
        VmRef vm = incarnation.vmRef();
        return vm.namespace().equals(console.getMetadata().getNamespace())
                && vm.name().equals(console.getSpec().vmRef().name())
                && vm.uid().equals(console.getStatus().vmUID())
                && incarnation.epoch().equals(console.getStatus().epoch())
                && incarnation.nodeName().equals(nodeName);
    }

    private static ConsoleSession of(VMConsole console, UUID vm, VMIncarnationSpec incarnation) {
        return ConsoleSessionBuilder.builder()
                .object(AuditedObject.of(console))
                .requestedBy(console.getSpec().requestedBy())
                .clientKey(console.getSpec().clientKeySHA256())
                .vm(vm)
                .kind(console.getSpec().kind())
                .node(incarnation.nodeName())
                .epoch(incarnation.epoch())
                .createdAt(Instant.parse(console.getMetadata().getCreationTimestamp()))
                .expiresAt(Instant.parse(console.getStatus().expirationTime()))
                .build();
    }

    boolean isAtSameConsoleAs(ConsoleSession other) {
        return vm.equals(other.vm) && kind == other.kind;
    }

    /** A screen, with other sessions of the same user. */
    boolean mayShareWith(ConsoleSession other) {
        return kind == ConsoleKind.Screen
                && isAtSameConsoleAs(other)
                && requestedBy != null
                && requestedBy.equals(other.requestedBy);
    }

    AuditEntry audited(Act act) {
        return AuditEntry.success(act, object)
                .vm(Optional.of(vm.toString()))
                .node(Optional.of(node))
                .epoch(Optional.of(epoch))
                .requestedBy(Optional.ofNullable(requestedBy))
                .publicKey(Optional.of(clientKey))
                .consoleKind(Optional.of(kind.name()))
                .build();
    }
}
