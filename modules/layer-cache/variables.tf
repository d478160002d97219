variable "name" {
  description = "Name of the entry, part of the names of what is made."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.name))
    error_message = "name: expected 1 to 32 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "tags" {
  description = "Tags for every resource, beside our own."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for key in keys(var.tags) : can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", key))
    ])
    error_message = "each key of tags: expected 1 to 128 letters, digits, blanks and _ . : / = + - @."
  }

  validation {
    condition = alltrue([
      for item in values(var.tags) : can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", item))
    ])
    error_message = "each value of tags: expected at most 256 letters, digits, blanks and _ . : / = + - @."
  }
}

# tflint-ignore: terraform_unused_declarations # no role is made here
variable "permissions_boundary_arn" {
  description = "Permissions boundary of roles, of which this module makes none. It is here as in every module."
  type        = string
  default     = null

  validation {
    condition = (
      var.permissions_boundary_arn == null
      ? true
      : can(regex(
        "^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$",
        var.permissions_boundary_arn
      ))
    )
    error_message = "permissions_boundary_arn: expected the ARN of an IAM policy (arn:aws:iam::ACCOUNT:policy/NAME), or null."
  }
}

variable "role_path" {
  description = "IAM path of all roles."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([A-Za-z0-9+=,.@_-]+/)*$", var.role_path)) && length(var.role_path) <= 512
    error_message = "role_path: expected an IAM path that begins and ends with /, at most 512 characters."
  }
}

variable "kms_key_arn" {
  description = "Customer key for what is stored. null: the AWS managed keys."
  type        = string
  default     = null

  validation {
    condition = (
      var.kms_key_arn == null
      ? true
      : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    )
    error_message = "kms_key_arn: expected the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID; an alias will not do, DLM refuses it), or null."
  }
}

variable "backend" {
  description = "Where layers are kept: `s3`, a bucket, or `ecr`, repositories."
  type        = string
  default     = "s3"
  nullable    = false

  validation {
    condition     = contains(["s3", "ecr"], var.backend)
    error_message = "backend: expected one of s3, ecr."
  }
}

variable "bucket" {
  description = "Bucket of yours in S3, in the entry's one region, without object lock; it gets no rules of ours. null: one that is made."
  type        = string
  default     = null

  validation {
    condition     = var.bucket == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "bucket: expected the name of an S3 bucket, neither its ARN nor an s3:// address, or null."
  }
}

variable "expire_after_days" {
  description = "Days after its last write at which a branch's cache expires. Layers in S3 live 7 days longer than what names them."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition = (
      var.expire_after_days >= 1 &&
      var.expire_after_days <= 365 &&
      var.expire_after_days % 1 == 0
    )
    error_message = "expire_after_days: expected a whole number from 1 to 365."
  }
}
