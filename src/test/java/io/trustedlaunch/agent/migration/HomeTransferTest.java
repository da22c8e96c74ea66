package io.trustedlaunch.agent.migration;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.gueststate.HomeFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HomeTransferTest {
    @Test
    void writtenFilesAreReadBack() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        HomeTransfer.write(line, List.of(new HomeFile("a", new byte[] {1, '\n', 2}), new HomeFile("b", new byte[0])));

        List<HomeFile> read = HomeTransfer.read(new ByteArrayInputStream(line.toByteArray()));

        assertThat(read).extracting(HomeFile::name).containsExactly("a", "b");
        assertThat(read.getFirst().content()).containsExactly(1, '\n', 2);
        assertThat(read.getLast().content()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x\n",
                "-1\n",
                "6\n",
                "1\nname\nmuch\n",
                "1\nname\n-1\n",
                "1\nname\n99999999\n",
                "1\nname\n2\na",
                "2\nname\n1\na",
                "1\n12345678901234567890123456789012345678901234567890123456789012345\n1\na"
            })
    void aTransferWithAnotherCountOrLengthIsRefused(String line) {
        assertThatThrownBy(() -> HomeTransfer.read(new ByteArrayInputStream(line.getBytes(US_ASCII))))
                .isInstanceOf(IOException.class);
    }
}
