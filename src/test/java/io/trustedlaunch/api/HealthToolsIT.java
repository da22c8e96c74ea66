package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.HealthTable.Row;
import io.trustedlaunch.testkit.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real tools confirm the table of {@link HealthTableTest}. {@code bin/setup --tests} builds them. */
class HealthToolsIT {
    @TempDir
    Path folder;

    @Test
    void kstatusSaysWhatTheTableSays() throws Exception {
        List<Row> rows = HealthTable.rows();
        assertThat(tool("kstatus", rows))
                .isEqualTo(rows.stream().map(Kstatus::of).toList());
    }

    /** A line for each object. */
    private List<String> tool(String name, List<Row> rows) throws Exception {
        GenericKubernetesResourceList list = new GenericKubernetesResourceList();
        list.setApiVersion("v1");
        list.setKind("List");
        list.setItems(rows.stream().map(Row::object).toList());
        Path objects = Files.writeString(folder.resolve("objects.json"), Serialization.asJson(list));
        return Program.plain().run(name, objects.toString()).lines().toList();
    }
}
