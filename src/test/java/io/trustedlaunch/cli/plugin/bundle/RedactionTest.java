package io.trustedlaunch.cli.plugin.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "envelope",
                "escrow",
                "proof",
                "token",
                "password",
                "secret",
                "secretKey",
                "accessKey",
                "secretAccessKey",
                "accessKeyID",
                "userData"
            })
    void whatOpensSomethingIsLeftOutAtAnyDepth(String field) {
        assertThat(redacted("spec: {list: [{deep: {%s: c2VjcmV0}}], %s: 7, name: payroll}".formatted(field, field)))
                .isEqualTo(object("spec: {list: [{deep: {%s: (left out)}}], %s: (left out), name: payroll}"
                        .formatted(field, field)));
    }

    @Test
    void whichSecretAnObjectNamesStays() {
        String spec = "spec: {userDataSecretRef: {name: payroll}, secret: {name: bucket}, ekDigest: 0a0b}";
        assertThat(redacted(spec)).isEqualTo(object(spec));
    }

    @Test
    void onlyOurAnnotationsStayAndNobodysFields() {
        assertThat(redacted("""
                metadata:
                  name: payroll
                  labels: {app: payroll}
                  managedFields: [{manager: kubectl}]
                  annotations:
                    kubectl.kubernetes.io/last-applied-configuration: '{"all":"of it"}'
                    nottrustedlaunch.io/key: other
                    bare: other
                    trustedlaunch.io/restartedAt: noon
                    x.trustedlaunch.io/y: z
                """)).isEqualTo(object("""
                metadata:
                  name: payroll
                  labels: {app: payroll}
                  annotations: {trustedlaunch.io/restartedAt: noon, x.trustedlaunch.io/y: z}
                """));
    }

    @Test
    void variablesOfContainersHaveNamesAlone() {
        assertThat(
                        redacted(
                                "spec: {containers: [{env: [{name: PROXY, value: http://u:p@proxy}, {name: NODE, valueFrom: {a: b}}]}]}"))
                .isEqualTo(
                        object(
                                "spec: {containers: [{env: [{name: PROXY, value: (left out)}, {name: NODE, valueFrom: {a: b}}]}]}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET https://jane:pw@store:9000/b/k?X-Amz-Signature=abc&y=1 failed | GET https://(left out)@store:9000/b/k?(left out) failed
            https://store/b                                                   | https://store/b
            s3://jane@store                                                   | s3://(left out)@store
            "https://store?token=a", next                                     | "https://store?(left out)", next
            Authorization: Bearer eyJhbGciOi.J9                               | Authorization: Bearer (left out)
            no address: a@b?c                                                 | no address: a@b?c
            """)
    void addressesLoseWhatOpensThem(String text, String redacted) {
        assertThat(Redaction.text(text)).isEqualTo(redacted);
        assertThat(redacted("status: {message: '%s'}".formatted(text)))
                .isEqualTo(object("status: {message: '%s'}".formatted(redacted)));
    }

    @Test
    void longWordsAreShortened() {
        assertThat(Redaction.text("key " + "A".repeat(257) + " end"))
                .isEqualTo("key " + "A".repeat(16) + "…(257 characters) end");
        String whole = "B".repeat(256);
        assertThat(Redaction.text(whole)).isEqualTo(whole);
        assertThat(Redaction.text("$1 \\ \n")).isEqualTo("$1 \\ \n");
    }

    private static ObjectNode redacted(String yaml) {
        return Redaction.of(object(yaml));
    }

    private static ObjectNode object(String yaml) {
        return Serialization.unmarshal(yaml, ObjectNode.class);
    }
}
