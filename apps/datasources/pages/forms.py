"""Forms of the registry and of uploads: what the page sends, as typed values."""

from django import forms

from apps.datasources.connectors.sandbox.intake import Choices
from apps.datasources.enums import LoadMode
from apps.datasources.services.uploads import DEFAULT_DATASET, Destination

_TYPES = [(kind, kind) for kind in ("STRING", "INT64", "FLOAT64", "BOOL", "DATE", "TIMESTAMP", "TIME")]
DELIMITERS = [("", "As found"), (",", "Comma"), (";", "Semicolon"), ("tab", "Tab"), ("|", "Pipe")]
HEADERS = [("", "As found"), ("true", "First line is the header"), ("false", "No header")]


class ConnectForm(forms.Form):
    """Connect the sandbox warehouse."""

    name = forms.CharField(
        max_length=120, initial="Warehouse", label="Name", widget=forms.TextInput(attrs={"class": "form-control"})
    )
    content = forms.ChoiceField(
        choices=[("demo", "The demo company"), ("own", "My own files")], initial="demo", widget=forms.RadioSelect
    )


class FileForm(forms.Form):
    """A file to look at."""

    file = forms.FileField(label="File")


class LoadForm(forms.Form):
    """Where the rows of a staged file go, and how the file is read."""

    table = forms.CharField(max_length=128, label="Table", widget=forms.TextInput(attrs={"class": "form-control"}))
    # Not called "dataset": a form's own dataset would be hidden behind the field.
    dataset_name = forms.CharField(
        max_length=128,
        initial=DEFAULT_DATASET,
        label="Dataset",
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    mode = forms.ChoiceField(
        choices=[
            (LoadMode.NEW.value, "Make a new table"),
            (LoadMode.REPLACE.value, "Replace the table of that name"),
            (LoadMode.APPEND.value, "Append to the table of that name"),
        ],
        initial=LoadMode.NEW.value,
        label="What to do",
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    partition = forms.CharField(required=False)
    delimiter = forms.ChoiceField(choices=DELIMITERS, required=False)
    header = forms.ChoiceField(choices=HEADERS, required=False)

    def choices_made(self) -> Choices:
        """How the file is to be read."""
        delimiter = self.cleaned_data.get("delimiter", "")
        header = {"true": True, "false": False}.get(self.cleaned_data.get("header", ""))
        return Choices("\t" if delimiter == "tab" else delimiter, header, self.types())

    def types(self) -> dict[str, str]:
        """Types the person changed: fields named `type:<column>`."""
        known = {kind for kind, _ in _TYPES}
        sent = {key.removeprefix("type:"): value for key, value in self.data.items() if key.startswith("type:")}
        return {column: value for column, value in sent.items() if value in known}

    def destination(self) -> Destination:
        """Where the rows go."""
        data = self.cleaned_data
        return Destination(
            table=data["table"], dataset=data["dataset_name"], mode=LoadMode(data["mode"]),
            partition=data.get("partition", ""), choices=self.choices_made(),
        )  # fmt: skip


def types_offered() -> list[str]:
    """Types a column of text may be read as."""
    return [kind for kind, _ in _TYPES]
