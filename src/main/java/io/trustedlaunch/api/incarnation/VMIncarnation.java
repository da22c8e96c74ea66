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
}
