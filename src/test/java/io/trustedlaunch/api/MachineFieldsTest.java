package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.api.VMIncarnationSpec.Image;
import io.trustedlaunch.api.VMIncarnationSpec.Machine;
import io.trustedlaunch.testkit.Incarnations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MachineFieldsTest {
    @Test
    void aBuildKnowsWhatTheDefinitionOfItsVmIncarnationsHas() throws IOException {
        JsonNode machine = new YAMLMapper()
                .readTree(Path.of("crds/trustedlaunch.io_vmincarnations.yaml").toFile())
                .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/machine");

        assertThat(MachineFields.KNOWN).containsExactlyElementsOf(fields(machine, "", new TreeSet<>()));
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
    void aMachineUsesWhatIsSetInIt() {
        assertThat(MachineFields.usedBy(Incarnations.machine().build()))
                .containsExactly(
                        "cores",
                        "dataDisks.name",
                        "dataDisks.size",
                        "image.name",
                        "image.sha256",
                        "image.uid",
                        "location.name",
                        "location.path",
                        "memory",
                        "nics.mac",
                        "nics.name",
                        "nics.network",
                        "nics.trafficFilter",
                        "osDiskSize",
                        "osType=Linux");
    }

    @Test
    void whatIsAbsentEmptyOrZeroIsNotUsed() {
        Machine bare = Incarnations.machine()
                .cores(0)
                .dataDisks(List.of())
                .nics(List.of())
                .image(new Image("ws2022", null, ""))
                .build();

        assertThat(MachineFields.usedBy(bare))
                .containsExactly(
                        "image.name", "location.name", "location.path", "memory", "osDiskSize", "osType=Linux");
    }
}
