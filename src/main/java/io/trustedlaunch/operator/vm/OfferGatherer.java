package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.client.CustomResource;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.node.VMNetworkSpec;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.catalog.CatalogInForce;
import io.trustedlaunch.catalog.CatalogsInForce;
import io.trustedlaunch.operator.catalog.CatalogReader;
import io.trustedlaunch.operator.image.ImageReports;
import io.trustedlaunch.operator.image.ImageVerdicts;
import io.trustedlaunch.operator.vm.facts.ImageFacts;
import io.trustedlaunch.operator.vm.facts.ImageFactsBuilder;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.facts.VmOffers;
import io.trustedlaunch.operator.vm.facts.VmOffersBuilder;
import io.trustedlaunch.operator.vm.plan.MacAddresses;
import io.trustedlaunch.operator.vm.plan.MacAddresses.Claim;
import io.trustedlaunch.placement.ImageReport;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Reads the objects that a VM's spec can name. What all VMs share of them is made once for each of their versions. */
final class OfferGatherer {
    private final VmCaches caches;
    private final CatalogReader catalogs;
    private final InstantSource clock;
    private final OfSameVersions<Images> images = new OfSameVersions<>();
    private final OfSameVersions<Map<String, StorageLocationSpec>> locations = new OfSameVersions<>();
    private final OfSameVersions<Map<String, VMNetworkSpec>> networks = new OfSameVersions<>();

    OfferGatherer(VmCaches caches, CatalogReader catalogs, InstantSource clock) {
        this.caches = caches;
        this.catalogs = catalogs;
        this.clock = clock;
    }

    VmOffers gather(TrustedLaunchVM vm) {
        List<StorageLocation> knownLocations = caches.locations();
        List<VMNetwork> knownNetworks = caches.networks();
        return VmOffersBuilder.builder()
                .image(image(vm))
                .discs(discs(vm))
                .locations(locations.of(knownLocations, () -> specs(knownLocations)))
                .networks(networks.of(knownNetworks, () -> specs(knownNetworks)))
                .cardsWithTakenMac(cardsWithTakenMac(vm))
                .userData(new UserDataFacts.Unread())
                .build();
    }

    /** The facts of each image without its imports, under the policies and catalogs of one moment. */
    private record Images(ImageVerdicts verdicts, Map<String, ImageFacts> byName) {
        /** A name that no image has is not kept: tenants can think of many. */
        ImageFacts of(String name) {
            ImageFacts known = byName.get(name);
            if (known == null) {
                known = facts(name);
                if (known.uid().isPresent()) {
                    byName.put(name, known);
                }
            }
            return known;
        }

        private ImageFacts facts(String name) {
            return ImageFactsBuilder.builder()
                    .name(name)
                    .uid(verdicts.uid(name))
                    .spec(verdicts.spec(name))
                    .verdict(verdicts.verdict(name))
                    .askedAtEveryStart(verdicts.askedAtEveryStart())
                    .secureBootPolicy(verdicts.secureBootPolicy())
                    .reports(List.of())
                    .build();
        }
    }

    private ImageFacts image(TrustedLaunchVM vm) {
        ImageFacts shared = images().of(vm.getSpec().imageRef().name());
        return new VmObject(vm).ek().isPresent() || shared.uid().isEmpty()
                ? shared
                : ImageFactsBuilder.builder(shared)
                        .reports(reports(shared.uid().get()))
                        .build();
    }

    private Map<String, ImageFacts> discs(TrustedLaunchVM vm) {
        return vm.getSpec().discs().stream()
                .filter(disc -> disc.imageRef() != null)
                .map(disc -> disc.imageRef().name())
                .distinct()
                .collect(Collectors.toMap(name -> name, name -> images().of(name)));
    }

    /** Which catalogs are in force changes with time, too. */
    private Images images() {
        List<GuestImage> known = caches.images();
        List<ImageEligibilityPolicy> policies = caches.policies();
        CatalogsInForce inForce = catalogs.inForce(caches.catalogs(), caches.cachedCatalogs(), clock.instant());
        List<Object> from = new ArrayList<>(known);
        from.addAll(policies);
        inForce.catalogs().stream().map(CatalogInForce::catalog).forEach(from::add);
        return images.of(
                from, () -> new Images(new ImageVerdicts(known, policies, inForce), new ConcurrentHashMap<>()));
    }

    private List<ImageReport> reports(String imageUid) {
        return caches.imageCopies(imageUid).stream()
                .flatMap(copy -> ImageReports.of(copy).stream())
                .toList();
    }

    private Set<String> cardsWithTakenMac(TrustedLaunchVM vm) {
        return vm.getSpec().networkInterfaces().stream()
                .filter(nic -> isTaken(vm, nic.network(), MacAddresses.of(vm.identity(), nic)))
                .map(NetworkInterface::name)
                .collect(Collectors.toSet());
    }

    /** A guest has it until its incarnation is over, whatever its spec says by now. */
    private boolean isTaken(TrustedLaunchVM vm, String network, String mac) {
        Set<String> guests = caches.incarnationsWithMac(network, mac).stream()
                .filter(incarnation -> !new Incarnation(incarnation).isOver())
                .map(incarnation -> incarnation.getSpec().vmRef().uid())
                .collect(Collectors.toSet());
        if (!guests.isEmpty()) {
            return !guests.contains(vm.identity());
        }
        List<TrustedLaunchVM> others = caches.vmsWithMac(network, mac).stream()
                .filter(other -> !other.identity().equals(vm.identity()))
                .toList();
        return !others.isEmpty()
                && others.stream().anyMatch(other -> claim(other, network, mac).comesBefore(claim(vm, network, mac)));
    }

    private Claim claim(TrustedLaunchVM vm, String network, String mac) {
        Optional<Incarnation> last = caches.incarnationsOf(vm).stream()
                .filter(incarnation -> incarnation.getSpec().epoch() == new VmObject(vm).epoch())
                .findFirst()
                .map(Incarnation::new);
        return new Claim(vm, last, network, mac);
    }

    private static <S> Map<String, S> specs(List<? extends CustomResource<S, ?>> resources) {
        return resources.stream()
                .collect(Collectors.toMap(resource -> resource.getMetadata().getName(), CustomResource::getSpec));
    }
}
