package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.quota.QuotaSources;
import java.util.List;
import java.util.Optional;

/** The cluster as the watches have it, without a request. */
interface VmCaches extends QuotaSources {
    /** Those of this VM, not of an earlier VM of the same name. */
    List<VMIncarnation> incarnationsOf(TrustedLaunchVM vm);

    /** The allocations of all incarnations. */
    Allocations allocations();

    List<TrustedLaunchVM> allVms();

    List<TrustedLaunchVM> vmsIn(String namespace);

    /** Those whose specs have a card in the network with the MAC address. */
    List<TrustedLaunchVM> vmsWithMac(String network, String mac);

    /** Those whose machines have one. */
    List<VMIncarnation> incarnationsWithMac(String network, String mac);

    /** Those with a required anti-affinity. */
    List<TrustedLaunchVM> vmsWithAntiAffinityIn(String namespace);

    /** Those that name this VM. */
    List<VMMigration> migrationsOf(TrustedLaunchVM vm);

    /** The RestoreRun of a restore of a VM. */
    Optional<RestoreRun> restoreRun(String uid);

    /** The DiskFill of the disks that a restore has made. */
    Optional<DiskFill> diskFill(String uid);

    List<GuestImage> images();

    /** Those of the image with this UID. */
    List<ImageCopy> imageCopies(String imageUid);

    List<ImageEligibilityPolicy> policies();

    List<ImageCatalog> catalogs();

    /** The Secrets with the last valid catalog of each ImageCatalog. */
    List<Secret> cachedCatalogs();

    List<ClusterNode> clusterNodes();

    /** Those whose inventory lists the VM. */
    List<ClusterNode> nodesReporting(String identity);

    List<FenceDevice> fenceDevices();

    List<PriorityClass> priorityClasses();

    Optional<Node> kubernetesNode(String name);

    List<StorageLocation> locations();

    List<VMNetwork> networks();

    Optional<Secret> key(String vmUid);

    /** Passes over that VM soon, as for an event. */
    void wake(TrustedLaunchVM vm);

    /** Adds an object that was just created, until the watch brings it. */
    void created(HasMetadata resource);

    /** Replaces an object that was just changed, until the watch brings it. */
    void updated(HasMetadata resource, HasMetadata before);
}
