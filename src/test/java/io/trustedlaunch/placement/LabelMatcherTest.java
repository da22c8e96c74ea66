package io.trustedlaunch.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.LabelSelector.LabelOperator;
import io.trustedlaunch.api.LabelSelector.LabelSelectorRequirement;
import io.trustedlaunch.api.vm.NodeAffinity.NodeOperator;
import io.trustedlaunch.api.vm.NodeAffinity.NodeSelectorRequirement;
import io.trustedlaunch.api.vm.NodeAffinity.NodeSelectorTerm;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of Kubernetes: a missing label is in no list, and no comparison with it is true. */
class LabelMatcherTest {
    @ParameterizedTest(name = "generation {0} {1} of {2}: {3}")
    @CsvSource({
        "In, 7|8, 7, true",
        "In, 7|8, 9, false",
        "In, 7, , false",
        "NotIn, 7|8, 7, false",
        "NotIn, 7|8, 9, true",
        "NotIn, 7|8, , true",
        "Exists, , 9, true",
        "Exists, , , false",
        "DoesNotExist, , 9, false",
        "DoesNotExist, , , true",
        "Gt, 7, 8, true",
        "Gt, 7, 7, false",
        "Gt, 7, 10, true",
        "Gt, 7, new, false",
        "Gt, 7, , false",
        "Lt, 7, 6, true",
        "Lt, 7, 7, false",
        "Lt, 7, -10, true",
        "Lt, 7, , false",
    })
    void aNodesLabelIsComparedAsAsked(NodeOperator operator, String values, String label, boolean expected) {
        NodeSelectorTerm term =
                new NodeSelectorTerm(List.of(new NodeSelectorRequirement("generation", operator, values(values))));
        assertThat(LabelMatcher.selects(term, labels(label))).isEqualTo(expected);
    }

    @ParameterizedTest(name = "generation {0} {1} of {2}: {3}")
    @CsvSource({
        "In, 7|8, 7, true",
        "In, 7, , false",
        "NotIn, 7|8, 7, false",
        "NotIn, 7|8, , true",
        "Exists, , 9, true",
        "Exists, , , false",
        "DoesNotExist, , 9, false",
        "DoesNotExist, , , true",
    })
    void aVmsLabelIsComparedAsAsked(LabelOperator operator, String values, String label, boolean expected) {
        LabelSelector selector =
                new LabelSelector(null, List.of(new LabelSelectorRequirement("generation", operator, values(values))));
        assertThat(LabelMatcher.selects(selector, labels(label))).isEqualTo(expected);
    }

    @Test
    void allOfASelectorMustMatchAndAnEmptyOneSelectsAll() {
        LabelSelector both = new LabelSelector(
                Map.of("app", "db"),
                List.of(new LabelSelectorRequirement("tier", LabelOperator.In, List.of("gold", "silver"))));
        assertThat(LabelMatcher.selects(both, Map.of("app", "db", "tier", "gold", "more", "x")))
                .isTrue();
        assertThat(LabelMatcher.selects(both, Map.of("app", "db"))).isFalse();
        assertThat(LabelMatcher.selects(both, Map.of("app", "web", "tier", "gold")))
                .isFalse();
        assertThat(LabelMatcher.selects(new LabelSelector(null, null), Map.of()))
                .isTrue();
        assertThat(LabelMatcher.text(both)).isEqualTo("app=db, tier In gold|silver");
        assertThat(LabelMatcher.text(new LabelSelector(null, null))).isEqualTo("all VMs of the namespace");
    }

    private static List<String> values(String values) {
        return values == null ? null : Arrays.asList(values.split("[|]", -1));
    }

    private static Map<String, String> labels(String label) {
        return label == null ? Map.of() : Map.of("generation", label);
    }
}
