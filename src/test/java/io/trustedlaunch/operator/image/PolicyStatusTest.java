package io.trustedlaunch.operator.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicyStatus;
import io.trustedlaunch.controller.Conditions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyStatusTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void theEligibleImagesOfItsRulesAreCounted() {
        assertThat(matched("None", image("debian", "True", "None"), image("debian", "True", "Signed")))
                .isEqualTo(2);
        assertThat(matched("None", image("fedora", "True", "Signed"))).isZero();
        assertThat(matched("None", image("debian", "False", "Signed"))).isZero();
        assertThat(matched("None", unseen())).isZero();
    }

    @Test
    void oneThatWantsProofDoesNotCountWhatAnotherPolicyAllowsWithout() {
        assertThat(matched("Signed", image("debian", "True", "None"), image("debian", "True", "Signed")))
                .isEqualTo(1);
    }

    @Test
    void itIsReadyAndSaysHowManyImagesItAllows() {
        ImageEligibilityPolicyStatus status =
                PolicyStatus.of(policy("None"), List.of(image("debian", "True", "None")), NOW);
        assertThat(status.observedGeneration()).isEqualTo(3);
        assertThat(Conditions.find(status.conditions(), ConditionType.Ready)).hasValueSatisfying(ready -> {
            assertThat(ready.getStatus()).isEqualTo("True");
            assertThat(ready.getReason()).isEqualTo("PolicyInForce");
            assertThat(ready.getMessage()).isEqualTo("GuestImages that the policy allows: 1");
            assertThat(ready.getLastTransitionTime()).isEqualTo(NOW.toString());
        });
    }

    private static int matched(String provenance, GuestImage... images) {
        return PolicyStatus.of(policy(provenance), List.of(images), NOW).matchedImages();
    }

    private static ImageEligibilityPolicy policy(String provenance) {
        return Serialization.unmarshal("""
                metadata: {name: contoso, generation: 3}
                spec:
                  provenance: %s
                  rules: [{name: ours, publisher: contoso, offers: [debian]}]
                status: {observedGeneration: -1}
                """.formatted(provenance), ImageEligibilityPolicy.class);
    }

    private static GuestImage image(String offer, String eligible, String provenance) {
        return Serialization.unmarshal("""
                metadata: {name: image}
                spec: {identifier: {publisher: contoso, offer: %s, sku: "13"}}
                status:
                  provenance: %s
                  conditions: [{type: Eligible, status: "%s"}]
                """.formatted(offer, provenance, eligible), GuestImage.class);
    }

    private static GuestImage unseen() {
        return Serialization.unmarshal("""
                metadata: {name: image}
                spec: {identifier: {publisher: contoso, offer: debian, sku: "13"}}
                status: {observedGeneration: -1}
                """, GuestImage.class);
    }
}
