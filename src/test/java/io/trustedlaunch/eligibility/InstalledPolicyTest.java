package io.trustedlaunch.eligibility;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.catalog.Architecture;
import io.trustedlaunch.catalog.CatalogImage;
import io.trustedlaunch.catalog.CatalogImageBuilder;
import io.trustedlaunch.catalog.CatalogMatch;
import io.trustedlaunch.catalog.ImageFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** The shipped policy, evaluated for images of the marketplace. */
class InstalledPolicyTest {
    private static final String DIGEST = "0".repeat(64);
    private static final List<NamedPolicy> INSTALLED =
            installed(Path.of("src/main/resources/io/trustedlaunch/operator/default-objects.yaml"));

    @Test
    void onePolicyIsInstalledAndRequiresSignedProvenance() {
        assertThat(INSTALLED).hasSize(1);
        assertThat(INSTALLED.getFirst().name()).isEqualTo("azure-local");
        assertThat(INSTALLED.getFirst().spec().provenance()).isEqualTo(Provenance.Signed);
    }

    @ParameterizedTest(name = "{0}:{1}:{2} → {5}")
    @CsvFileSource(resources = "/eligibility/marketplace-images.psv", delimiter = '|')
    void aMarketplaceImageIsEvaluatedAsByTheReference(
            String publisher,
            String offer,
            String sku,
            int generation,
            Architecture architecture,
            Reason expected,
            String source) {
        assertThat(source).as("where the row was read").isNotBlank();
        Identifier identifier = new Identifier(publisher, offer, sku);
        CatalogImage listed = CatalogImageBuilder.builder()
                .identifier(identifier)
                .version("1.0")
                .sha256(DIGEST)
                .size(1)
                .format(ImageFormat.vhdx)
                .osType(OsType.Windows)
                .generation(generation)
                .architecture(architecture)
                .build();
        ImageClaim claim = new ImageClaim(
                GuestImageSpecBuilder.builder()
                        .osType(OsType.Windows)
                        .identifier(identifier)
                        .version("1.0")
                        .sha256(DIGEST)
                        .build(),
                Optional.of(new CatalogMatch("contoso", listed)),
                "");

        assertThat(ImageEligibility.evaluate(claim, INSTALLED).reason()).isEqualTo(expected);
        // The name alone does not make it eligible.
        assertThat(ImageEligibility.evaluate(ImageClaim.withoutMatch(claim.image(), "no catalog lists it"), INSTALLED))
                .isInstanceOf(EligibilityVerdict.Refused.class);
    }

    /** Neither in a drive nor to install a guest from, whoever has published it. */
    @Test
    void itAllowsNoDisc() {
        Identifier identifier =
                new Identifier("microsoftwindowsserver", "windowsserver", "2022-datacenter-azure-edition");
        CatalogImage listed = CatalogImageBuilder.builder()
                .identifier(identifier)
                .version("1.0")
                .sha256(DIGEST)
                .size(1)
                .format(ImageFormat.raw)
                .osType(OsType.Windows)
                .generation(2)
                .architecture(Architecture.x64)
                .build();
        for (GuestImageForm form : GuestImageForm.values()) {
            ImageClaim claim = new ImageClaim(
                    GuestImageSpecBuilder.builder()
                            .osType(OsType.Windows)
                            .identifier(identifier)
                            .version("1.0")
                            .form(form)
                            .sha256(DIGEST)
                            .build(),
                    Optional.of(new CatalogMatch("contoso", listed)),
                    "");
            assertThat(ImageEligibility.evaluate(claim, INSTALLED).reason())
                    .isEqualTo(form == GuestImageForm.Disk ? Reason.EligibleByRule : Reason.NoRuleAllows);
        }
    }

    @Test
    void theExamplePolicyForSqlServerAllowsTheImagesThatAzureLocalLists() throws IOException {
        List<NamedPolicy> withSql = new ArrayList<>(INSTALLED);
        withSql.addAll(installed(Path.of("examples/policy-sql-server.yaml")));
        assertThat(withSql).hasSize(2);
        Identifier sql = new Identifier("microsoftsqlserver", "sql2022-ws2022", "enterprise-gen2");
        CatalogImage listed = CatalogImageBuilder.builder()
                .identifier(sql)
                .version("1.0")
                .sha256(DIGEST)
                .size(1)
                .format(ImageFormat.vhdx)
                .osType(OsType.Windows)
                .generation(2)
                .architecture(Architecture.x64)
                .build();
        assertThat(ImageEligibility.evaluate(
                                new ImageClaim(
                                        GuestImageSpecBuilder.builder()
                                                .osType(OsType.Windows)
                                                .identifier(sql)
                                                .version("1.0")
                                                .sha256(DIGEST)
                                                .build(),
                                        Optional.of(new CatalogMatch("contoso", listed)),
                                        ""),
                                withSql)
                        .reason())
                .isEqualTo(Reason.EligibleByRule);
    }

    private static List<NamedPolicy> installed(Path manifest) {
        YAMLMapper yaml = new YAMLMapper();
        List<NamedPolicy> policies = new ArrayList<>();
        try (var documents = yaml.readerFor(JsonNode.class).<JsonNode>readValues(manifest.toFile())) {
            while (documents.hasNext()) {
                JsonNode document = documents.next();
                if (document != null
                        && "ImageEligibilityPolicy".equals(document.path("kind").asText())) {
                    policies.add(new NamedPolicy(
                            document.path("metadata").path("name").asText(),
                            yaml.treeToValue(document.path("spec"), ImageEligibilityPolicySpec.class)));
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return policies;
    }
}
