package io.trustedlaunch.operator.download;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.operator.backuplocation.BackupLocationChecks;
import io.trustedlaunch.operator.download.DownloadFacts.Node;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides which node serves a download, if it may be served. A tenant names only backups of his namespace, in locations that are
 * offered to it: also while the session is open. Pure.
 */
final class DownloadPlan {
    private final DownloadFacts facts;
    private final String name;

    DownloadPlan(DownloadFacts facts) {
        this.facts = facts;
        this.name = facts.download().getSpec().backupRef().name();
    }

    /**
     * The node that serves it: the one that has the keys already, as long as it can. If that one is only silent, and no other can,
     * nothing is taken from it: it may be sending.
     */
    Result<Node> node() {
        Optional<Problem> refusal = Stream.<Supplier<Optional<Problem>>>of(this::completed, this::location)
                .flatMap(check -> check.get().stream())
                .findFirst();
        if (refusal.isPresent()) {
            return new Result.Refused<>(refusal.get());
        }
        Optional<Node> holder = facts.nodes().stream()
                .filter(this::hasKeys)
                .filter(node -> cannotServe(node).isEmpty())
                .findFirst();
        if (holder.filter(Node::alive).isPresent()) {
            return new Result.Value<>(holder.get());
        }
        Result<Node> chosen = chosen();
        return chosen.found().isEmpty() && holder.isPresent() ? new Result.Value<>(holder.get()) : chosen;
    }

    /** Whether the envelope in the status is for that node, and for this backup. */
    boolean hasKeys(Node node) {
        return facts.download()
                .status()
                .filter(status -> status.envelope() != null && node.name().equals(status.nodeName()))
                .filter(status -> backup().equals(status.backup()) && vm().equals(status.backupOf()))
                .isPresent();
    }

    /** The identity of the VM that the backup is of. */
    String vm() {
        return facts.backup().orElseThrow().getStatus().vmUID();
    }

    /** For the node, which needs no more. */
    RecordedBackup backup() {
        VMBackup backup = facts.backup().orElseThrow();
        return new RecordedBackup(
                backup.getMetadata().getName(),
                backup.getStatus().backupUID(),
                backup.getStatus().result().indexSHA256());
    }

    private Optional<Problem> completed() {
        if (facts.backup().isEmpty()) {
            return Optional.of(new Problem(
                    Reason.BackupNotUsable,
                    "VMBackup " + name + " does not exist in this namespace. To list them: kubectl tlvm backup list"));
        }
        return facts.backup()
                        .filter(backup -> backup.isIn(VMBackupStatus.Phase.Completed))
                        .filter(backup -> backup.getStatus().result() != null)
                        .isPresent()
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.BackupNotUsable,
                        "VMBackup " + name + " is not completed; its disks can be read once it is"));
    }

    private Optional<Problem> location() {
        VMBackup backup = facts.backup().orElseThrow();
        String location = backup.getSpec().locationRef().name();
        if (facts.location().isEmpty()) {
            return Optional.of(new Problem(
                    Reason.BackupLocationNotFound,
                    "there is no BackupLocation " + location + ", which has VMBackup " + name
                            + ": an administrator creates it"));
        }
        BackupLocation found = facts.location().get();
        String namespace = facts.download().getMetadata().getNamespace();
        return found.getSpec().allows(namespace)
                ? BackupLocationChecks.holds(found, backup)
                : Optional.of(new Problem(
                        Reason.NamespaceNotAllowed,
                        "BackupLocation " + location + " is not offered to namespace " + namespace
                                + ": ask an administrator to add the namespace to its spec.allowedNamespaces"));
    }

    /** Each download takes the same one again, and several spread over the nodes. */
    private Result<Node> chosen() {
        List<Node> able = facts.nodes().stream()
                .filter(node -> fault(node).isEmpty())
                .sorted(Comparator.comparing(Node::name))
                .toList();
        return able.isEmpty()
                ? new Result.Refused<>(new Problem(Reason.NoNodeFits, noneIsAble()))
                : new Result.Value<>(able.get(
                        Math.floorMod(facts.download().getMetadata().getUid().hashCode(), able.size())));
    }

    private String noneIsAble() {
        return "no node can serve VMBackup " + name + ": "
                + (facts.nodes().isEmpty()
                        ? "there is no ClusterNode"
                        : facts.nodes().stream()
                                .sorted(Comparator.comparing(Node::name))
                                .flatMap(node -> fault(node).map(why -> node.name() + ": " + why).stream())
                                .collect(Collectors.joining("; ")));
    }

    private Optional<String> fault(Node node) {
        return node.alive() ? cannotServe(node).or(() -> cannotRead(node)) : Optional.of("its agent is not responding");
    }

    private static Optional<String> cannotServe(Node node) {
        return node.node().offersConsoles()
                ? node.recipient().refusal().map(Problem::message)
                : Optional.of(
                        "its agent serves no sessions: check that it has its certificate, and was not started with"
                                + " --console-port 0");
    }

    private Optional<String> cannotRead(Node node) {
        return BackupLocationChecks.usable(facts.location().orElseThrow(), node.name())
                .map(Problem::message);
    }
}
