package io.trustedlaunch.api.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.testkit.Incarnations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class IncarnationFieldsTest {
    @Test
    void aBuildKnowsWhatTheDefinitionOfItsVmIncarnationsHas() throws IOException {
        JsonNode spec = new YAMLMapper()
                .readTree(Path.of("crds/trustedlaunch.io_vmincarnations.yaml").toFile())
                .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");

        assertThat(IncarnationFields.KNOWN).containsExactlyElementsOf(fields(spec, "", new TreeSet<>()));
    }

    private static SortedSet<String> fields(JsonNode schema, String path, SortedSet<String> found) {
        if (schema.has("items")) {
            fields(schema.get("items"), path, found);
        } else if (schema.has("properties")) {
            schema.get("properties")
                    .properties()
                    .forEach(field -> fields(
                            field.getValue(), path.isEmpty() ? field.getKey() : path + "." + field.getKey(), found));
        } else if (schema.has("enum")) {
            schema.get("enum").forEach(value -> found.add(path + "=" + value.asText()));
        } else {
            found.add(path);
        }
        return found;
    }

    @Test
    void agentsOfThisBuildShareOneListAndOthersKeepTheirs() {
        List<String> older = List.of("epoch");

        assertThat(IncarnationFields.shared(List.copyOf(new TreeSet<>(IncarnationFields.KNOWN))))
                .isSameAs(IncarnationFields.KNOWN);
        assertThat(IncarnationFields.shared(older)).isSameAs(older);
    }

    @Test
    void anIncarnationUsesWhatIsSetInIt() {
        assertThat(IncarnationFields.usedBy(Incarnations.spec(2)
                        .machine(Incarnations.machine().build())
                        .build()))
                .contains(
                        "desiredState=Running",
                        "epoch",
                        "machine.cores",
                        "machine.dataDisks.size",
                        "machine.nics.trafficFilter",
                        "machine.osType=Linux",
                        "nodeName",
                        "vmRef.uid")
                .doesNotContain("approvedGuestState.epoch", "arrival.epoch", "departure.epoch", "firstStart");
        assertThat(IncarnationFields.usedBy(Incarnations.spec(2)
                        .approvedGuestState(new GuestStateVersion(1L, 7L))
                        .arrival(new Arrival(1L, "host-a", false, true))
                        .build()))
                .contains("approvedGuestState.epoch", "approvedGuestState.generation", "arrival.copiesDisks")
                .doesNotContain("arrival.left");
    }

    /** A VM without one runs on agents that do not know the field, however its user writes that. */
    @Test
    void onlyALinkThatIsDownUsesItsField() {
        assertThat(IncarnationFields.KNOWN).contains("machine.nics.linkState=Down");
        assertThat(usedWithLink(LinkState.Down)).contains("machine.nics.linkState=Down");
        assertThat(usedWithLink(LinkState.Up)).noneMatch(field -> field.contains("linkState"));
    }

    private static SortedSet<String> usedWithLink(LinkState link) {
        return IncarnationFields.usedBy(Incarnations.spec(2)
                .machine(Incarnations.machine()
                        .nics(List.of(new Nic("nic0", "default", "52:54:00:12:34:56", null, link)))
                        .build())
                .build());
    }

    @Test
    void whatIsAbsentEmptyOrZeroIsNotUsed() {
        Machine bare = Incarnations.machine()
                .cores(0)
                .dataDisks(List.of())
                .nics(List.of())
                .image(new Image("ws2022", null, ""))
                .build();

        assertThat(IncarnationFields.usedBy(Incarnations.spec(2).machine(bare).build()).stream()
                        .filter(field -> field.startsWith("machine.")))
                .containsExactly(
                        "machine.image.name",
                        "machine.location.name",
                        "machine.location.path",
                        "machine.memory",
                        "machine.osDiskSize",
                        "machine.osType=Linux");
    }
}
