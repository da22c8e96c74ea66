package io.trustedlaunch.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.trustedlaunch.api.Api;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Administrators own the default objects as soon as they are there. */
class DefaultObjectsTest {
    private final Map<String, GenericKubernetesResource> server = new HashMap<>();
    private final List<String> applied = new ArrayList<>();
    private Optional<String> conflict = Optional.empty();

    private DefaultObjects of(Set<DefaultObject> wanted) {
        return new DefaultObjects(wanted, object -> Optional.ofNullable(server.get(name(object))), object -> {
            applied.add(name(object));
            if (conflict.isEmpty()) {
                server.put(name(object), object);
            }
            return conflict;
        });
    }

    private static String name(GenericKubernetesResource object) {
        return object.getKind() + " " + object.getMetadata().getName();
    }

    private final DefaultObjects policy = of(Set.of(DefaultObject.ImageEligibilityPolicy));

    @Test
    void onlyWhatIsAskedForIsMade() {
        of(Set.of()).apply();
        assertThat(applied).isEmpty();
        policy.apply();
        assertThat(applied).containsExactly("ImageEligibilityPolicy azure-local");
        of(Set.of(DefaultObject.StorageLocation)).apply();
        assertThat(applied).endsWith("StorageLocation default");
    }

    @Test
    void itIsMadeOnceAndAgainIfItWasDeleted() {
        policy.apply();
        policy.apply();
        assertThat(applied).hasSize(1);
        server.clear();
        policy.apply();
        assertThat(applied).hasSize(2);
    }

    /** Server-side apply would add the rule again, since nobody owns a field that is not there. */
    @Test
    void aRuleThatAnAdministratorRemovedStaysRemoved() {
        policy.apply();
        GenericKubernetesResource changed = DefaultObjects.all().getFirst();
        changed.setAdditionalProperty("spec", Map.of("rules", List.of()));
        server.put(name(changed), changed);
        policy.apply();
        assertThat(applied).hasSize(1);
    }

    @Test
    void whatAnAdministratorMadeUnderItsNameStaysAsItIs() {
        GenericKubernetesResource own = DefaultObjects.all().getFirst();
        own.getMetadata().setAnnotations(null);
        server.put(name(own), own);
        policy.apply();
        assertThat(applied).isEmpty();
    }

    @Test
    void anotherVersionsIsReplacedUnlessThatConflicts() {
        GenericKubernetesResource earlier = DefaultObjects.all().getFirst();
        earlier.getMetadata().setAnnotations(Map.of(Api.APPLIED_DEFAULT, "{\"rules\":[]}"));
        server.put(name(earlier), earlier);
        conflict = Optional.of("conflict with \"kubectl\": .spec.provenance");
        policy.apply();
        assertThat(server.get(name(earlier))).isSameAs(earlier);
        conflict = Optional.empty();
        policy.apply();
        assertThat(server.get(name(earlier))).isNotSameAs(earlier);
        assertThat(applied).hasSize(2);
    }

    @Test
    void theAnnotationIsTheSpec() {
        assertThat(DefaultObjects.all())
                .extracting(object -> object.getMetadata().getAnnotations().get(Api.APPLIED_DEFAULT))
                .last()
                .isEqualTo("{\"path\":\"/var/lib/trusted-launch/vms\"}");
    }
}
