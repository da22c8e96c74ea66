package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;

/**
 * The virtual machine that a user wants.
 *
 * @param cores virtual CPUs
 * @param shutdownGracePeriodSeconds how long a guest may take to shut down before its power is cut
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "dataDisks=name,networkInterfaces=name")
@ValidationRule(
        value = "has(self.restoreFrom) == has(oldSelf.restoreFrom)",
        fieldPath = ".restoreFrom",
        message = "restoreFrom is immutable: it is chosen at creation")
// Besides the rules of the two fields, which are not asked when the field comes or goes.
@ValidationRule(
        value = "has(self.dataDisks) == has(oldSelf.dataDisks)",
        fieldPath = ".dataDisks",
        message = "dataDisks is immutable: hot-plug is not offered yet")
@ValidationRule(
        value = "has(self.networkInterfaces) == has(oldSelf.networkInterfaces)",
        fieldPath = ".networkInterfaces",
        message = "networkInterfaces is immutable: hot-plug is not offered yet")
@RecordBuilder
public record TrustedLaunchVMSpec(
        @Default("Always") RunStrategy runStrategy,

        @Required
        @ValidationRule(
                value = "self == oldSelf",
                message = "imageRef is immutable: create another VM for another image")
        ObjectRef imageRef,

        @Default("{}")
        @ValidationRule(
                value = "self == oldSelf",
                message = "securityProfile is immutable: it is chosen when the VM is created")
        SecurityProfile securityProfile,

        @Required @Min(1) @Max(512) Integer cores,

        @Required
        @ValidationRule(value = Schemas.MEMORY, message = "memory must be between 64Mi and 64Ti, for example 8Gi")
        Quantity memory,

        @Default("{\"name\":\"default\"}")
        @ValidationRule(
                value = "self == oldSelf",
                message = "storageLocationRef is immutable: moving disks between locations is not offered yet")
        ObjectRef storageLocationRef,

        @Required OsDisk osDisk,

        @Size(max = 16)
        @ValidationRule(value = "self == oldSelf", message = "dataDisks is immutable: hot-plug is not offered yet")
        List<DataDisk> dataDisks,

        @Size(max = 8)
        @ValidationRule(
                value = "self == oldSelf",
                message = "networkInterfaces is immutable: hot-plug is not offered yet")
        @ValidationRule(
                value = "self.all(a, !has(a.macAddress) || self.exists_one(b, has(b.macAddress)"
                        + " && b.macAddress.lowerAscii() == a.macAddress.lowerAscii()))",
                message = "two networkInterfaces have the same macAddress")
        List<NetworkInterface> networkInterfaces,

        GuestConfig guestConfig,
        Map<String, String> nodeSelector,
        @Default("120") @Min(1) @Max(3600) Integer shutdownGracePeriodSeconds,
        @Default("Delete") DeletionPolicy deletionPolicy,

        @ValidationRule(value = "self == oldSelf", message = "restoreFrom is immutable: it is chosen at creation")
        RestoreFrom restoreFrom,

        ApprovedGuestState approveGuestState,
        @Default("LiveMigrate") EvictionStrategy evictionStrategy,
        Affinity affinity,

        @Size(max = 32) List<Toleration> tolerations) {}
