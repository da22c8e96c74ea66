package io.trustedlaunch.api;

import static io.trustedlaunch.testkit.Incarnations.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.operator.vm.facts.ImageFixture;
import io.trustedlaunch.operator.vm.plan.VmScene;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Objects of all kinds that people write, in the situations in which somebody waits for them. */
final class HealthTable {
    /** One that is as it should be, in each kind. */
    static final String INSTALLED = "installed";

    static final String NEVER_SEEN = "never seen";

    private static final String TIME = VmScene.NOON.toString();

    /** @param observed generation */
    record Stage(long generation, long observed, boolean isDeleted) {
        private static final Stage SEEN = new Stage(1, 1, false);
    }

    /** An object, as far as tools look at it. */
    record Row(String kind, String situation, Stage stage, List<Condition> conditions) {
        GenericKubernetesResource object() {
            return new GenericKubernetesResourceBuilder()
                    .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                    .withKind(kind)
                    .withMetadata(new ObjectMetaBuilder()
                            .withName(situation.replaceAll("[^a-z]+", "-"))
                            .withGeneration(stage.generation())
                            .withDeletionTimestamp(stage.isDeleted() ? TIME : null)
                            .withFinalizers(stage.isDeleted() ? List.of(Api.FINALIZER) : List.of())
                            .build())
                    .addToAdditionalProperties(
                            "status", Map.of("observedGeneration", stage.observed(), "conditions", conditions))
                    .build();
        }

        /** For {@code kubectl wait --for=condition}. */
        List<String> met() {
            return conditions.stream()
                    .filter(condition -> condition.getStatus().equals("True"))
                    .map(Condition::getType)
                    .toList();
        }
    }

    private final List<Row> rows = new ArrayList<>();

    static List<Row> rows() {
        HealthTable table = new HealthTable();
        table.vms();
        table.images();
        table.nodes();
        table.backups();
        table.requests();
        return List.copyOf(table.rows);
    }

    private void vms() {
        String kind = "TrustedLaunchVM";
        neverSeen(kind);
        vm(INSTALLED, VmScene.running());
        vm("no node has room", VmScene.applied().silent("host-a").silent("host-b"));
        vm("refused image", VmScene.applied().image(ImageFixture.refused(Reason.NoRuleAllows)));
        vm("image that comes later", VmScene.applied().image(ImageFixture.missing()));
        vm("starting", VmScene.applied().withFinalizer().withKey());
        vm("halted on purpose", VmScene.applied().strategy(RunStrategy.Halted));
        vm(
                "shut down by its guest",
                VmScene.recorded(1)
                        .strategy(RunStrategy.RerunOnFailure)
                        .incarnation(
                                1, DesiredState.Running, status(Phase.Stopped).exit(Exit.Shutdown)));
        vm("a node's report that only an operator makes", reporting(Reason.NoRuleAllows));
        vm("a node's report", reporting(Reason.DiskMissing));
        vm(
                "changed cores",
                VmScene.running().spec(spec -> spec.cores(4)).metadata(metadata -> metadata.withGeneration(2L)));
        List<Condition> running = VmScene.running().newStatus().conditions();
        object(kind, "changed cores, not seen yet", new Stage(2, 1, false), running);
        deleted(kind, running);
    }

    private static VmScene reporting(Reason reason) {
        return VmScene.recorded(1)
                .incarnation(
                        1,
                        DesiredState.Running,
                        status(Phase.Preparing).reason(reason.name()).message("its disk is away"));
    }

    private void images() {
        kind("GuestImage", Reason.ImageAccepted);
        row("GuestImage", "refused image", ready(State.False, Reason.NoRuleAllows));
        row("GuestImage", "no policy yet", ready(State.False, Reason.NoPolicy));
        row("GuestImage", "a node's report", ready(State.False, Reason.DigestMismatch));
        kind("ImageEligibilityPolicy", Reason.PolicyInForce);
        neverSeen("ImageCatalog");
        catalog(INSTALLED, State.True, Reason.CatalogInForce, State.True, Reason.CatalogInForce);
        catalog(
                "an older list in force",
                State.True,
                Reason.CatalogInForce,
                State.False,
                Reason.CatalogSignatureInvalid);
        catalog("server away", State.False, Reason.CatalogUnreachable, State.False, Reason.CatalogUnreachable);
        catalog("wrong key", State.False, Reason.CatalogKeyInvalid, State.False, Reason.CatalogKeyInvalid);
    }

    /** As its status has it: besides {@code Ready}, whether the list that is there now is the one in force. */
    private void catalog(String situation, State ready, Reason why, State current, Reason whyNot) {
        Conditions conditions = new Conditions(List.of(), 1L, VmScene.NOON);
        row(
                "ImageCatalog",
                situation,
                conditions.all(
                        conditions.of(ConditionType.Ready, ready, why, why.appearsWhen()),
                        conditions.of(ConditionType.Current, current, whyNot, whyNot.appearsWhen())));
    }

    private void nodes() {
        kind("ClusterNode", Reason.NodeReady);
        row("ClusterNode", "agent away", ready(State.Unknown, Reason.AgentNotAlive));
        kind("StorageLocation", Reason.LocationReady);
        row("StorageLocation", "no node yet", ready(State.False, Reason.NoNodes));
        row("StorageLocation", "a node's report", ready(State.False, Reason.LocationNotRestricted));
        kind("VMNetwork", Reason.NetworkReady);
        row("VMNetwork", "no node has it", ready(State.False, Reason.NetworkMissing));
        kind("VMQuota", Reason.QuotaInForce);
        kind("FenceDevice", Reason.FenceDeviceReady);
        row("FenceDevice", "controller away", ready(State.False, Reason.FenceDeviceUnreachable));
        row("FenceDevice", "wrong password", ready(State.False, Reason.WrongPassword));
    }

    private void backups() {
        kind("BackupLocation", Reason.BackupLocationReady);
        row("BackupLocation", "backup location away", ready(State.False, Reason.BackupLocationUnavailable));
        row("BackupLocation", "not initialized", ready(State.False, Reason.BackupLocationNotInitialized));
        kind("VMBackupSchedule", Reason.ScheduleReady);
        row("VMBackupSchedule", "halted on purpose", ready(State.True, Reason.ScheduleSuspended));
        row("VMBackupSchedule", "no such day", ready(State.False, Reason.ScheduleInvalid));
    }

    private void requests() {
        neverSeen("VMBackup");
        row("VMBackup", "its VM does not run", done(ConditionType.Completed, State.Unknown, Reason.BackupPending));
        row("VMBackup", "under way", done(ConditionType.Completed, State.Unknown, Reason.BackingUp));
        row(
                "VMBackup",
                "backup location away",
                done(ConditionType.Completed, State.Unknown, Reason.BackupLocationUnavailable));
        row("VMBackup", "ended", done(ConditionType.Completed, State.True, Reason.BackupCompleted));
        row("VMBackup", "failed", done(ConditionType.Completed, State.False, Reason.DiskCopyFailed));
        deleted("VMBackup", done(ConditionType.Completed, State.True, Reason.BackupCompleted));
        neverSeen("VMMigration");
        row("VMMigration", "waits for its turn", done(ConditionType.Migrated, State.Unknown, Reason.MigrationPending));
        row("VMMigration", "under way", done(ConditionType.Migrated, State.Unknown, Reason.Migrating));
        row("VMMigration", "ended", done(ConditionType.Migrated, State.True, Reason.Migrated));
        row("VMMigration", "failed move", done(ConditionType.Migrated, State.False, Reason.MigrationFailed));
        row("VMMigration", "cancelled", done(ConditionType.Migrated, State.False, Reason.MigrationCancelled));
        neverSeen("VMConsole");
        row("VMConsole", INSTALLED, done(ConditionType.Open, State.True, Reason.ConsoleOpen));
        row("VMConsole", "its VM does not run", done(ConditionType.Open, State.False, Reason.ConsolePending));
        neverSeen("VMBackupDownload");
        row("VMBackupDownload", INSTALLED, done(ConditionType.Open, State.True, Reason.DownloadOpen));
        row("VMBackupDownload", "no backup yet", done(ConditionType.Open, State.False, Reason.BackupNotUsable));
    }

    private void kind(String kind, Reason ready) {
        neverSeen(kind);
        row(kind, INSTALLED, ready(State.True, ready));
    }

    /** As the definition's default has it. */
    private void neverSeen(String kind) {
        object(kind, NEVER_SEEN, new Stage(1, -1, false), List.of());
    }

    private void deleted(String kind, List<Condition> conditions) {
        object(kind, "deleted, waits for its finalizer", new Stage(1, 1, true), conditions);
    }

    /** As its plan and its status have it. */
    private void vm(String situation, VmScene scene) {
        TrustedLaunchVM vm = scene.vm();
        TrustedLaunchVMStatus status = scene.newStatus();
        object(
                "TrustedLaunchVM",
                situation,
                new Stage(vm.getMetadata().getGeneration(), status.observedGeneration(), false),
                status.conditions());
    }

    private void row(String kind, String situation, List<Condition> conditions) {
        object(kind, situation, Stage.SEEN, conditions);
    }

    private static List<Condition> ready(State state, Reason reason) {
        return done(ConditionType.Ready, state, reason);
    }

    private static List<Condition> done(ConditionType type, State state, Reason reason) {
        Conditions conditions = new Conditions(List.of(), 1L, VmScene.NOON);
        return conditions.all(conditions.of(type, state, reason, reason.appearsWhen()));
    }

    private void object(String kind, String situation, Stage stage, List<Condition> conditions) {
        rows.add(new Row(kind, situation, stage, conditions));
    }
}
