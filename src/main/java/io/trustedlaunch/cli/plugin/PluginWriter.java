package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Fencing;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.plugin.change.Operation;
import java.net.HttpURLConnection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The only writer of the plugin. It patches single fields, so that concurrent changes of other fields are kept. */
final class PluginWriter {
    private PluginWriter() {}

    /** @return the changed object; its generation tells whether a status is newer than the change */
    static <T extends HasMetadata> T set(
            Resource<T> resource, Map<String, String> annotations, Map<String, String> spec) {
        return resource.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                Serialization.asJson(Map.of("metadata", Map.of("annotations", annotations), "spec", spec)));
    }

    static <T extends HasMetadata> T setLabel(Resource<T> resource, String label, String value) {
        return resource.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                Serialization.asJson(Map.of("metadata", Map.of("labels", Map.of(label, value)))));
    }

    static void setMachine(Resource<ClusterNode> node, MachineUuid machine) {
        node.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                Serialization.asJson(Map.of("spec", Map.of("machineUUID", machine.text()))));
    }

    /** Replaces what was said before. */
    static void setFencing(Resource<ClusterNode> node, Fencing fencing) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("statement", fencing.statement());
        fields.put("powerOff", fencing.powerOff());
        node.patch(
                PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(Map.of("spec", Map.of("fencing", fields))));
    }

    /**
     * Applies the operations to the version of the object that was read.
     *
     * @return false if the object is gone
     * @throws io.fabric8.kubernetes.client.KubernetesClientException with HTTP_CONFLICT if there is a newer version
     */
    static boolean apply(KubernetesClient client, HasMetadata read, List<Operation> operations) {
        return client.resource(read)
                        .patch(
                                PatchContext.of(PatchType.JSON),
                                patch(read.getMetadata().getResourceVersion(), operations))
                != null;
    }

    /** The API server compares the resourceVersion with that of the object. */
    static String patch(String resourceVersion, List<Operation> operations) {
        return Serialization.asJson(Stream.concat(
                        Stream.of(Operation.replace("/metadata/resourceVersion", resourceVersion)), operations.stream())
                .toList());
    }

    static TrustedLaunchVM approveRestore(Resource<TrustedLaunchVM> vm, ApprovedRestore approval) {
        return vm.patch(PatchContext.of(PatchType.JSON_MERGE), patch(approval));
    }

    /** Replaces what was approved before: what only that had would stay otherwise. */
    static String patch(ApprovedRestore approval) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("backupRef", approval.backupRef());
        fields.put("disks", approval.disks().isEmpty() ? null : approval.disks());
        fields.put("startAtOnce", approval.startAtOnce());
        fields.put("approvedBy", approval.approvedBy());
        return Serialization.asJson(Map.of("spec", Map.of("approveRestore", fields)));
    }

    /** The status of an object that was read or created just now. */
    static <T extends HasMetadata> T setStatus(KubernetesClient client, T object) {
        return client.resource(object).updateStatus();
    }

    /** Does nothing if the object is already deleted. */
    static <T extends HasMetadata> void delete(Resource<T> resource) {
        resource.delete();
    }

    /**
     * Deletes the version that was read.
     *
     * @return false if there is a newer one
     */
    static <T extends HasMetadata> boolean deleteUnchanged(KubernetesClient client, T read) {
        try {
            client.resource(read)
                    .lockResourceVersion(read.getMetadata().getResourceVersion())
                    .delete();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return false;
            }
            throw e;
        }
    }

    /** The name of this user, as the API server has it. */
    static String userName(KubernetesClient client) {
        return create(client, new SelfSubjectReview()).getStatus().getUserInfo().getUsername();
    }

    /** @return the object with the name that the API server gave it */
    static <T extends HasMetadata> T create(KubernetesClient client, T object) {
        return client.resource(object).create();
    }
}
