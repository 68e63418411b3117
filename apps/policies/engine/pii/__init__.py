"""Recognising personal data in columns: patterns and validators over distinct values, corrected for chance. Pure."""
