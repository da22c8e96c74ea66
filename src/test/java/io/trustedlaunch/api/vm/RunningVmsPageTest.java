package io.trustedlaunch.api.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tables of the page for users have each field and each condition of a VM. */
class RunningVmsPageTest {
    private static final Path PAGE = Path.of("docs/running-vms.md");
    private static final Pattern NAME = Pattern.compile("`(\\w+)");

    @Test
    void eachFieldOfTheSpec() throws IOException {
        assertThat(firstColumn())
                .containsAll(Arrays.stream(TrustedLaunchVMSpec.class.getRecordComponents())
                        .map(RecordComponent::getName)
                        .toList());
    }

    @Test
    void eachCondition() throws IOException {
        List<String> ofVms = Arrays.stream(ConditionType.values())
                .filter(type -> type.meaning().contains("TrustedLaunchVM:"))
                .map(ConditionType::name)
                .toList();
        assertThat(ofVms).contains("Ready");
        assertThat(firstColumn()).containsAll(ofVms);
    }

    private static Set<String> firstColumn() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|")[1])
                .flatMap(column -> NAME.matcher(column).results())
                .map(name -> name.group(1))
                .collect(Collectors.toSet());
    }
}
