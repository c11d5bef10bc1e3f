using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using FluentValidation;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Routes.Validation;

/// <summary>Checks what the attributes of a section's properties say; the validators of the sections add the rest.</summary>
internal abstract class SectionValidator<TSection> : AbstractValidator<TSection>
{
    protected SectionValidator()
    {
        foreach (var property in typeof(TSection).GetProperties())
        {
            foreach (var attribute in property.GetCustomAttributes<ValidationAttribute>())
            {
                RuleFor(section => section).Custom((section, context) =>
                {
                    var value = property.GetValue(section);
                    if (Fault(attribute, value) is { } fault)
                    {
                        context.AddFailure(property.Name, fault);
                    }
                });
            }
        }
    }

    private static string? Fault(ValidationAttribute attribute, object? value) => (attribute, value) switch
    {
        (RequiredAttribute, null) => "is missing",
        (RequiredAttribute, string text) when string.IsNullOrWhiteSpace(text) => "must not be empty",
        (_, null) => null,
        (AllowedValuesAttribute allowed, string text) when !allowed.Values.Contains(text) =>
            $"\"{FaultPath.Printable(text)}\" is not known{Spelling.Hint(text, [.. allowed.Values.OfType<string>()])}",
        (RangeAttribute range, IConvertible number) when IsOutside(range, number) =>
            string.Create(CultureInfo.InvariantCulture, $"must be {(range.Maximum is int.MaxValue ? $"at least {range.Minimum}" : $"from {range.Minimum} to {range.Maximum}")}"),
        (RegularExpressionAttribute pattern, string text) when text.Length > 0 && !Regex.IsMatch(text, pattern.Pattern, RegexOptions.NonBacktracking) =>
            $"\"{FaultPath.Printable(text)}\" must be lower-case letters, digits, dot, dash and underscore, and start with a letter or digit",
        (MinLengthAttribute, string text) when string.IsNullOrWhiteSpace(text) => "must not be empty",
        (MinLengthAttribute least, IEnumerable items and not string) when items.Cast<object?>().Count() < least.Length => "must not be empty",
        _ => null,
    };

    private static bool IsOutside(RangeAttribute range, IConvertible number)
    {
        var value = number.ToDouble(CultureInfo.InvariantCulture);
        return !(value >= Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture) && value <= Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));
    }
}
