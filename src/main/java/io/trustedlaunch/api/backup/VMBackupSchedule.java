package io.trustedlaunch.api.backup;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ApiResource;
import java.util.Optional;

/**
 * Backs VMs of its namespace up at certain times: it creates VMBackups, as a CronJob creates Jobs. They stay when it is
 * deleted, and belong to it again when it is created again under the same name.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("VMBackupSchedule")
@Plural("vmbackupschedules")
@Singular("vmbackupschedule")
@ShortNames("tlbs")
@Categories(Api.CATEGORY)
@ValidationRule(
        value = "size(self.metadata.name) <= 63",
        message = "the name is a label of the VMBackups, so it has at most 63 characters")
@AdditionalPrinterColumn(name = "Schedule", jsonPath = ".spec.schedule")
@AdditionalPrinterColumn(name = "Timezone", jsonPath = ".spec.timeZone")
@AdditionalPrinterColumn(name = "Suspend", jsonPath = ".spec.suspend", type = AdditionalPrinterColumn.Type.BOOLEAN)
@AdditionalPrinterColumn(name = "Active", jsonPath = ".status.active", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Last Schedule",
        jsonPath = ".status.lastScheduleTime",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Last Success",
        jsonPath = ".status.lastSuccessfulTime",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Overdue", jsonPath = ".status.conditions[?(@.type==\"BackupOverdue\")].status")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Location", jsonPath = ".spec.locationRef.name", priority = 1)
@AdditionalPrinterColumn(
        name = "Missed",
        jsonPath = ".status.missed",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1)
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason", priority = 1)
public class VMBackupSchedule extends ApiResource<VMBackupScheduleSpec, VMBackupScheduleStatus> implements Namespaced {
    /** The request for backups out of turn that was not carried out yet. One that is too long for the record is none. */
    public Optional<String> pendingRun() {
        return Optional.ofNullable(getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Api.RUN_SCHEDULE))
                .filter(request -> request.length() <= VMBackupScheduleStatus.MAX_REQUEST)
                .filter(request -> !request.equals(
                        status().map(VMBackupScheduleStatus::lastRequestedRun).orElse(null)));
    }
}
