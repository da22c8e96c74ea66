package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.FormerCluster;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import java.util.Optional;

/**
 * The cluster by which each epoch of a VM claims the home. A VM that was recovered has epochs of the cluster that was lost, up to
 * the last one on record; its later ones are of this cluster.
 *
 * @param cluster UID of this cluster
 * @param recorded where the VM's state is, as its status says
 */
public record ClaimFacts(String cluster, Optional<Home> recorded) {
    public Home home(String storageLocation, String node, long epoch, boolean complete) {
        return new Home(storageLocation, node, epoch, complete, clusterOf(epoch));
    }

    public String clusterOf(long epoch) {
        return recoveredFrom().map(former -> former.clusterOf(epoch, cluster)).orElse(cluster);
    }

    /** Empty once this cluster has claimed the home. */
    public Optional<FormerCluster> recoveredFrom() {
        return recorded.filter(home -> home.cluster() != null && !home.cluster().equals(cluster))
                .map(home -> new FormerCluster(home.cluster(), home.epoch()));
    }
}
