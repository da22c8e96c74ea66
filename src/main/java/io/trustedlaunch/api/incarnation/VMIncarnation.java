package io.trustedlaunch.api.incarnation;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
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
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import java.util.Optional;

/** Internal: one incarnation of a VM on one node. Its name is the VM's UID and the epoch; it is in the operator's namespace. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("VMIncarnation")
@Plural("vmincarnations")
@Singular("vmincarnation")
@ShortNames("tlinc")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "VM", jsonPath = ".spec.vmRef.name")
@AdditionalPrinterColumn(name = "Node", jsonPath = ".spec.nodeName")
@AdditionalPrinterColumn(name = "Epoch", jsonPath = ".spec.epoch", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Desired", jsonPath = ".spec.desiredState")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class VMIncarnation extends ApiResource<VMIncarnationSpec, VMIncarnationStatus> implements Namespaced {

    /** The one name that an incarnation of this VM and epoch can have. */
    public static String nameOf(String vmUid, long epoch) {
        return vmUid + "-" + epoch;
    }

    /** The revision of the devices that its agent is to give the guest; 0: it has those of its start. */
    public long requestedDevices() {
        return Optional.ofNullable(getSpec().devices()).map(Devices::revision).orElse(0L);
    }

    /** The newest revision that the guest has in full, as its agent reports it; 0: none. */
    public long appliedDevices() {
        return status().map(VMIncarnationStatus::devices)
                .map(AppliedDevices::revision)
                .orElse(0L);
    }

    public boolean lacksDevices() {
        return requestedDevices() != appliedDevices();
    }

    /** Why the guest does not have the requested devices, as its agent reports it. */
    public Optional<Problem> devicesProblem() {
        return status().map(VMIncarnationStatus::devices)
                .filter(applied -> lacksDevices() && applied.reason() != null)
                .map(applied -> new Problem(
                        Reason.reported(applied.reason()).orElse(Reason.DeviceChangeFailed), applied.message()));
    }

    /**
     * Why a drive of the guest does not have its disc, as its agent reports it. It keeps no disk and no card from the guest, and so
     * no revision from being applied.
     */
    public Optional<Problem> discsProblem() {
        return status().map(VMIncarnationStatus::devices)
                .filter(applied -> !lacksDevices() && applied.reason() != null)
                .map(applied ->
                        new Problem(Reason.named(applied.reason()).orElse(Reason.DiscChangeFailed), applied.message()));
    }

    /** Why the guest may not have all disks of its machine yet. What it has not let go of keeps none from it. */
    public Optional<String> awaitedDevices() {
        Optional<Problem> problem = devicesProblem();
        return lacksDevices()
                        && problem.filter(why -> why.reason() == Reason.DeviceHeld)
                                .isEmpty()
                ? Optional.of("the guest does not have the changed disks and network cards of its VM yet"
                        + problem.map(why -> " (" + why.message() + ")").orElse(""))
                : Optional.empty();
    }
}
