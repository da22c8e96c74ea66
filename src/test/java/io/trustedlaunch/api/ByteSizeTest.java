package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "1023, 1023",
        "1024, 1Ki",
        "11358175232, 10832Mi",
        "11358175744, 11358175744",
        "8589934592, 8Gi",
        "70368744177664, 64Ti"
    })
    void bytesAreWrittenInTheLargestUnitThatIsExact(long bytes, String written) {
        assertThat(ByteSize.quantity(bytes)).hasToString(written);
        assertThat(ByteSize.of(ByteSize.quantity(bytes))).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4711, 4711",
        "10240, 10Ki",
        "10241, 11Ki",
        "4700000, 4590Ki",
        "28918660, 28Mi",
        "1102726862, 1052Mi",
        "8717860000, 8314Mi",
        "1099511627776, 1048576Mi"
    })
    void whatNeedsNotBeExactIsRoundedUpToWhatPeopleRead(long bytes, String written) {
        assertThat(ByteSize.rounded(bytes)).hasToString(written);
    }

    @ParameterizedTest
    @CsvSource({"1.5Gi, 1610612736", "2G, 2000000000", "12345678Ki, 12641974272", "4711, 4711", "0.5Ki, 512"})
    void whatPeopleWriteIsReadToTheByte(String written, long bytes) {
        assertThat(ByteSize.of(new Quantity(written))).isEqualTo(bytes);
    }
}
