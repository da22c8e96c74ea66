package io.trustedlaunch.api.vm;

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

/**
 * A session at the serial console or the screen of one VM, as kubectl tlvm console and kubectl tlvm vnc create it. Deleting it ends the session. The spec is
 * immutable.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("VMConsole")
@Plural("vmconsoles")
@Singular("vmconsole")
@ShortNames("tlcon")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "VM", jsonPath = ".spec.vmRef.name")
@AdditionalPrinterColumn(name = "Kind", jsonPath = ".spec.kind")
@AdditionalPrinterColumn(name = "User", jsonPath = ".spec.requestedBy")
@AdditionalPrinterColumn(name = "Open", jsonPath = ".status.conditions[?(@.type==\"Open\")].status")
@AdditionalPrinterColumn(name = "Node", jsonPath = ".status.nodeName")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Open\")].reason", priority = 1)
public class VMConsole extends ApiResource<VMConsoleSpec, VMConsoleStatus> implements Namespaced {}
