package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.ImageCatalog;
import io.trustedlaunch.api.ImageEligibilityPolicy;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMMigration;
import java.util.List;
import java.util.Optional;

/** What is known of the cluster without asking it. */
interface VmCaches {
    /** Of this VM, and not of one that had its name before. */
    List<VMIncarnation> incarnationsOf(TrustedLaunchVM vm);

    List<VMIncarnation> allIncarnations();

    /** As {@link #allLives} has them, without those that were just made. */
    List<VMIncarnation> knownIncarnationsOf(String identity);

    List<TrustedLaunchVM> vmsIn(String namespace);

    /** Those whose anti-affinity keeps others away. */
    List<TrustedLaunchVM> vmsKeepingApartIn(String namespace);

    /** That name this VM. */
    List<VMMigration> migrationsOf(TrustedLaunchVM vm);

    List<GuestImage> images();

    List<ImageEligibilityPolicy> policies();

    List<ImageCatalog> catalogs();

    /** The Secrets with the last good one of each. */
    List<Secret> keptCatalogs();

    List<ClusterNode> clusterNodes();

    /** Those whose inventory names the VM. */
    List<ClusterNode> nodesThatKnow(String identity);

    Optional<Node> kubernetesNode(String name);

    List<StorageLocation> locations();

    Optional<Secret> key(String vmUid);

    /** Remembers what was just made, until the watch brings it. */
    void created(HasMetadata resource);

    /** Remembers what was just changed, until the watch brings it. */
    void updated(HasMetadata resource, HasMetadata before);
}
