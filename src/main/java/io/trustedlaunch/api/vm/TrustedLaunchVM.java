package io.trustedlaunch.api.vm;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalSelectableField;
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
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;
import java.util.Optional;

/** A virtual machine with UEFI Secure Boot and a TPM 2.0 of its own. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("TrustedLaunchVM")
@Plural("trustedlaunchvms")
@Singular("trustedlaunchvm")
@ShortNames("tlvm")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "Status", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Cores", jsonPath = ".spec.cores", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Memory", jsonPath = ".spec.memory")
@AdditionalPrinterColumn(name = "Node", jsonPath = ".status.nodeName")
@AdditionalPrinterColumn(name = "IP", jsonPath = ".status.primaryIP")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Image", jsonPath = ".spec.imageRef.name", priority = 1)
@AdditionalPrinterColumn(
        name = "Migratable",
        jsonPath = ".status.conditions[?(@.type==\"Migratable\")].status",
        priority = 1)
@AdditionalPrinterColumn(
        name = "RestartRequired",
        jsonPath = ".status.conditions[?(@.type==\"RestartRequired\")].status",
        priority = 1)
@AdditionalPrinterColumn(name = "EK", jsonPath = ".status.vTPM.ekDigest", priority = 1)
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason", priority = 1)
@AdditionalSelectableField(jsonPath = ".spec.imageRef.name")
@ValidationRule(
        value = Schemas.SAME_IMAGE + Schemas.RECORDED_IMAGE,
        fieldPath = ".spec.imageRef",
        message =
                "imageRef cannot change any more: the VM has its TPM and an OS disk made from this image; create another"
                        + " VM for another image")
@ValidationRule(
        value = Schemas.SAME_OS_DISK_SOURCE,
        fieldPath = ".spec.osDisk.source",
        message =
                "osDisk.source cannot change any more: the VM has its TPM and its OS disk; create another VM for another"
                        + " OS disk")
@ValidationRule(
        value = Schemas.SAME_LOCATION,
        fieldPath = ".spec.storageLocationRef",
        message =
                "storageLocationRef cannot change any more: the VM's TPM and disks are in this location; create another"
                        + " VM for another location")
@ValidationRule(
        value = Schemas.NO_DISK_SMALLER,
        fieldPath = ".spec.dataDisks",
        message =
                "the size of a data disk only grows: the VM has the disk, and a smaller one would cut off the guest's data;"
                        + " set it to at least the size before")
@ValidationRule(
        value = Schemas.SAME_MAC_ADDRESSES,
        fieldPath = ".spec.networkInterfaces",
        message = "macAddress of a network card cannot change any more: the guest knows the card by it; set it back, or"
                + " replace the entry by one with another name")
@ValidationRule(
        value = Schemas.NOT_SMALLER,
        fieldPath = ".spec.osDisk.size",
        message = "osDisk.size only grows: the VM has its OS disk, and a smaller one would cut off the guest's data;"
                + " set it to at least the size before")
public class TrustedLaunchVM extends ApiResource<TrustedLaunchVMSpec, TrustedLaunchVMStatus> implements Namespaced {
    /**
     * The UID that names all that the VM has outside its own object: key, folder, incarnations, domain. Its UID, or that of
     * the retained VM that it was created to take over. Whether it may have that one is for the operator to find out.
     */
    public String identity() {
        return takenOver().orElseGet(() -> getMetadata().getUid());
    }

    /** The identity of the retained VM that it was created to continue. */
    public Optional<String> takenOver() {
        return restoreFrom().map(RestoreFrom::retainedVM).map(RestoreFrom.RetainedVM::uid);
    }

    /** The VMBackup whose disks it was created with. */
    public Optional<String> copiedBackup() {
        return restoreFrom().map(RestoreFrom::backup).map(ObjectRef::name);
    }

    /** Its guest runs, and where is on record. */
    public boolean hasRunningGuest() {
        return isTrue(ConditionType.Running)
                && status().filter(status -> status.nodeName() != null && status.epoch() != null)
                        .isPresent();
    }

    private Optional<RestoreFrom> restoreFrom() {
        return Optional.ofNullable(getSpec()).map(TrustedLaunchVMSpec::restoreFrom);
    }
}
