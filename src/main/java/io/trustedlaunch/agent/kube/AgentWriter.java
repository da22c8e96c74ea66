package io.trustedlaunch.agent.kube;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageCopyStatus;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.ZonedDateTime;

/**
 * The one class of the agent that writes to the API server, certificate requests apart. Statuses are applied whole, each
 * from a fresh object: what a later version does not say any more is gone.
 */
public final class AgentWriter {
    private static final String STATUS_MANAGER = "trusted-launch-agent";

    /** An own owner of fields, so that the inventory and the rest of a node's status don't undo each other. */
    private static final String INVENTORY_MANAGER = "trusted-launch-agent-inventory";

    private final KubernetesClient client;
    private final String namespace;
    private final String nodeName;

    public AgentWriter(KubernetesClient client, String namespace, String nodeName) {
        this.client = client;
        this.namespace = namespace;
        this.nodeName = nodeName;
    }

    public VMIncarnation writeStatus(VMIncarnation incarnation, VMIncarnationStatus status) {
        VMIncarnation applied = new VMIncarnation();
        // With the UID, an incarnation that was deleted and made again does not take a status that is not its own.
        applied.setMetadata(new ObjectMetaBuilder()
                .withName(incarnation.getMetadata().getName())
                .withNamespace(incarnation.getMetadata().getNamespace())
                .withUid(incarnation.getMetadata().getUid())
                .build());
        applied.setStatus(status);
        return client.resource(applied).subresource("status").patch(apply(STATUS_MANAGER));
    }

    public ImageCopy writeCopyStatus(ImageCopy copy, ImageCopyStatus status) {
        ImageCopy applied = new ImageCopy();
        applied.setMetadata(new ObjectMetaBuilder()
                .withName(copy.getMetadata().getName())
                .withUid(copy.getMetadata().getUid())
                .build());
        applied.setStatus(status);
        return client.resource(applied).subresource("status").patch(apply(STATUS_MANAGER));
    }

    /** Makes the node's object; one that is there is an administrator's, and left alone. */
    public void registerNode() {
        if (client.resources(ClusterNode.class).withName(nodeName).get() != null) {
            return;
        }
        ClusterNode node = new ClusterNode();
        node.setMetadata(new ObjectMetaBuilder().withName(nodeName).build());
        node.setSpec(new ClusterNodeSpec(null, ClusterNodeSpec.Maintenance.None, null));
        try {
            client.resource(node).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    /** @param status without an inventory */
    public void writeNodeStatus(ClusterNodeStatus status) {
        applyNodeStatus(status, STATUS_MANAGER);
    }

    public void writeInventory(ClusterNodeStatus.Inventory inventory) {
        applyNodeStatus(ClusterNodeStatusBuilder.builder().inventory(inventory).build(), INVENTORY_MANAGER);
    }

    /** Says that the agent is alive. Whoever waits for it looks at whether it changes, never at the time in it. */
    public void renewLease(ZonedDateTime now, Duration duration) {
        String name = "node-" + nodeName;
        Lease lease = new LeaseBuilder()
                .withMetadata(leaseMetadata(name))
                .withNewSpec()
                .withHolderIdentity(nodeName)
                .withLeaseDurationSeconds((int) duration.toSeconds())
                .withRenewTime(now)
                .endSpec()
                .build();
        client.resource(lease).patch(apply(STATUS_MANAGER));
    }

    private ObjectMeta leaseMetadata(String name) {
        return new ObjectMetaBuilder().withName(name).withNamespace(namespace).build();
    }

    private void applyNodeStatus(ClusterNodeStatus status, String manager) {
        ClusterNode applied = new ClusterNode();
        applied.setMetadata(new ObjectMetaBuilder().withName(nodeName).build());
        applied.setStatus(status);
        client.resource(applied).subresource("status").patch(apply(manager));
    }

    private static PatchContext apply(String manager) {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(manager)
                .withForce(true)
                .build();
    }
}
