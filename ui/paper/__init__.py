"""Paper: PDFs with text in Chinese and English, and QR codes. Nothing here knows what is written on it."""
