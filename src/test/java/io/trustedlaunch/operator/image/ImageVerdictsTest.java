package io.trustedlaunch.operator.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.GuestImageStatus;
import io.trustedlaunch.api.image.GuestImageStatusBuilder;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.Enforcement;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.Rule;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.catalog.Architecture;
import io.trustedlaunch.catalog.Catalog;
import io.trustedlaunch.catalog.CatalogImage;
import io.trustedlaunch.catalog.CatalogInForce;
import io.trustedlaunch.catalog.CatalogMatch;
import io.trustedlaunch.catalog.CatalogsInForce;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.testkit.CatalogText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What catalogs, policies and other images make of one image. */
class ImageVerdictsTest {
    private static final String DIGEST = "ab".repeat(32);
    private static final String OTHER = "cd".repeat(32);

    private final List<GuestImage> images = new ArrayList<>();
    private final List<CatalogInForce> catalogs = new ArrayList<>();
    private static final ImageCopyFacts COPY_FACTS =
            new ImageCopyFacts(Set.of("default"), new PullCredentialsFacts.NotNeeded(), List.of());
    private Provenance provenance = Provenance.Signed;

    @Test
    void anImageWhoseDigestACatalogListsUnderItsNameIsSigned() {
        catalog("contoso", listed(DIGEST));
        GuestImage image = image("base", DIGEST, null);

        ImageFinding finding = finding(image);
        assertThat(finding.verdict()).isEqualTo(new EligibilityVerdict.Allowed("policy/rule", Provenance.Signed));
        assertThat(finding.match().map(CatalogMatch::catalog)).contains("contoso");
        GuestImageStatus status = ImageStatus.of(image, finding, COPY_FACTS, Instant.EPOCH);
        assertThat(status.provenance()).isEqualTo(Provenance.Signed);
        assertThat(status.sha256()).isEqualTo(DIGEST);
        assertThat(status.size()).hasToString("1Mi");
    }

    @Test
    void aCustomImageIsNotSignedByTheNameOfAnother() {
        catalog("contoso", listed(DIGEST));

        EligibilityVerdict verdict = finding(image("custom", OTHER, null)).verdict();
        assertThat(verdict.reason()).isEqualTo(Reason.ProvenanceMissing);
        assertThat(verdict.message()).contains("ImageCatalog contoso has another digest for contoso:offer:base:1.0");
    }

    @Test
    void theRightBytesUnderAnotherNameOrVersionAreNotSigned() {
        catalog("contoso", CatalogText.image("contoso", "base", "2.0", DIGEST));
        assertThat(finding(image("base", DIGEST, null)).verdict().reason()).isEqualTo(Reason.ProvenanceMissing);
        catalog("fabrikam", CatalogText.image("contoso", "other", "1.0", DIGEST));
        assertThat(finding(image("base", DIGEST, null)).verdict().message()).contains("no catalog in force lists");
    }

    @Test
    void withoutCatalogsTheMessageSaysSo() {
        assertThat(finding(image("base", DIGEST, null)).verdict().message()).contains("no ImageCatalog is in force");
    }

    @Test
    void aMissingDigestComesFromTheCatalogAndIsRecordedBeforeAVmIsCreated() {
        catalog("contoso", listed(DIGEST));
        GuestImage image = image("base", null, null);
        assertThat(finding(image).digest()).contains(DIGEST);
        assertThat(finding(image).verdict()).isInstanceOf(EligibilityVerdict.Allowed.class);
        assertThat(verdicts().verdict("base").reason()).isEqualTo(Reason.DigestPending);
        assertThat(verdicts().spec("base").orElseThrow().sha256()).isNull();

        images.clear();
        image("base", null, DIGEST);
        assertThat(verdicts().verdict("base")).isInstanceOf(EligibilityVerdict.Allowed.class);
        assertThat(verdicts().spec("base").orElseThrow().sha256()).isEqualTo(DIGEST);
    }

    @Test
    void aRecordedDigestDoesNotChangeWithTheCatalog() {
        catalog("contoso", listed(OTHER));
        GuestImage image = image("base", null, DIGEST);

        ImageFinding finding = finding(image);
        assertThat(finding.verdict().reason()).isEqualTo(Reason.DigestChanged);
        assertThat(finding.digest()).as("what was recorded stays recorded").contains(DIGEST);
        assertThat(verdicts().spec("base").orElseThrow().sha256()).isNull();
    }

    /** A status can be written by more people than a catalog can be signed by. */
    @Test
    void aDigestThatOnlyTheStatusHasIsIgnoredUnderAnyPolicy() {
        provenance = Provenance.None;
        assertThat(finding(image("base", null, DIGEST)).verdict().reason()).isEqualTo(Reason.DigestChanged);
    }

    @Test
    void withoutADigestTheImageIsRefusedUnderAnyPolicy() {
        provenance = Provenance.None;
        ImageFinding finding = finding(image("base", null, null));
        assertThat(finding.verdict().reason()).isEqualTo(Reason.DigestUnknown);
        assertThat(finding.digest()).isEmpty();
    }

    @Test
    void twoDigestsOfOneNameInTwoCatalogsAreBothSigned() {
        catalog("contoso", listed(DIGEST));
        catalog("fabrikam", listed(OTHER));
        assertThat(finding(image("one", DIGEST, null)).verdict()).isInstanceOf(EligibilityVerdict.Allowed.class);
        images.clear();
        assertThat(finding(image("two", OTHER, null)).verdict()).isInstanceOf(EligibilityVerdict.Allowed.class);
    }

    @Test
    void ifCatalogsDisagreeTheSpecMustNameTheDigest() {
        catalog("contoso", listed(DIGEST));
        catalog("fabrikam", listed(OTHER));
        EligibilityVerdict verdict = finding(image("base", null, null)).verdict();
        assertThat(verdict.reason()).isEqualTo(Reason.DigestAmbiguous);
        assertThat(verdict.message()).contains("contoso, fabrikam");
    }

    @Test
    void anotherCatalogDoesNotChangeAResolvedDigest() {
        catalog("contoso", listed(DIGEST));
        catalog("another", listed(OTHER));
        assertThat(finding(image("base", null, DIGEST)).verdict()).isInstanceOf(EligibilityVerdict.Allowed.class);
    }

    @Test
    void theYoungerOfTwoImagesWithOneNameAndDifferentDigestsIsRefused() {
        catalog("contoso", listed(DIGEST));
        catalog("fabrikam", listed(OTHER));
        GuestImage older = image("a", DIGEST, null);
        GuestImage younger = image("b", OTHER, null);
        GuestImage unknown = image("c", null, null);
        assertThat(finding(older).verdict()).isInstanceOf(EligibilityVerdict.Allowed.class);
        assertThat(finding(younger).verdict().reason()).isEqualTo(Reason.IdentifierConflict);
        assertThat(finding(unknown).verdict().reason()).isEqualTo(Reason.DigestAmbiguous);
    }

    @Test
    void generation1AndArm64ImagesAndThoseOfAnotherOsTypeAreRefusedUnderAnyPolicy() {
        provenance = Provenance.None;
        CatalogImage image = listed(DIGEST);
        assertThat(refusedBy(CatalogText.of(image, 1, Architecture.x64, OsType.Linux)))
                .isEqualTo(Reason.Generation1);
        assertThat(refusedBy(CatalogText.of(image, 2, Architecture.Arm64, OsType.Linux)))
                .isEqualTo(Reason.OtherArchitecture);
        assertThat(refusedBy(CatalogText.of(image, 2, Architecture.x64, OsType.Windows)))
                .isEqualTo(Reason.OsTypeMismatch);
        assertThat(refusedBy(image)).isEqualTo(Reason.EligibleByRule);
    }

    private Reason refusedBy(CatalogImage image) {
        catalogs.clear();
        images.clear();
        catalog("contoso", image);
        return finding(image("base", DIGEST, null)).verdict().reason();
    }

    @Test
    void anImageThatAPolicyRefusesIsStillSigned() {
        catalog("contoso", CatalogText.image("contoso", "preview", "1.0", DIGEST));
        GuestImage image = image("preview", DIGEST, null, "preview");
        ImageFinding finding = finding(image);
        assertThat(finding.verdict().reason()).isEqualTo(Reason.ExceptedByRule);
        assertThat(ImageStatus.of(image, finding, COPY_FACTS, Instant.EPOCH).provenance())
                .isEqualTo(Provenance.Signed);
    }

    private static CatalogImage listed(String digest) {
        return CatalogText.image("contoso", "base", "1.0", digest);
    }

    private void catalog(String name, CatalogImage... listed) {
        catalogs.add(new CatalogInForce(
                name,
                new Catalog(
                        CatalogText.NAME,
                        1,
                        Instant.MAX,
                        Arrays.stream(listed).collect(Collectors.toMap(CatalogImage::key, Function.identity())))));
    }

    private GuestImage image(String name, String given, String recorded) {
        return image(name, given, recorded, "base");
    }

    private GuestImage image(String name, String given, String recorded, String sku) {
        GuestImage image = new GuestImage();
        image.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withGeneration(1L)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .build());
        image.setSpec(GuestImageSpecBuilder.builder()
                .osType(OsType.Linux)
                .identifier(new Identifier("Contoso", "Offer", sku))
                .version("1.0")
                .source(new GuestImageSpec.Source(
                        new GuestImageSpec.FileSource(new ObjectRef("default"), "a.qcow2"), null, null))
                .sha256(given)
                .build());
        if (recorded != null) {
            image.setStatus(GuestImageStatusBuilder.builder()
                    .observedGeneration(1L)
                    .sha256(recorded)
                    .conditions(List.of())
                    .build());
        }
        images.add(image);
        return image;
    }

    private ImageFinding finding(GuestImage image) {
        return verdicts().finding(image);
    }

    private ImageVerdicts verdicts() {
        ImageEligibilityPolicy policy = new ImageEligibilityPolicy();
        policy.setMetadata(new ObjectMetaBuilder().withName("policy").build());
        policy.setSpec(new ImageEligibilityPolicySpec(
                provenance,
                Enforcement.Creation,
                ImageEligibilityPolicySpec.WhenSecureBootOff.Report,
                List.of(new Rule("rule", "contoso", null, null, List.of("preview")))));
        return new ImageVerdicts(images, List.of(policy), new CatalogsInForce(catalogs));
    }
}
